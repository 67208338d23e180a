/**
 * Money moves and never grows. The ledger of an audience says what its balances must come to, so that the rule can be
 * checked on the rows of one audience although money goes from one to the other.
 */
import { z } from 'zod'
import { defineAction, reject } from '@/lib/sync/action'
import { roomName, rowKey } from './input'
import { itemLabelled, numberIn } from './lookups'
import type { Row, Rows } from './rows'
import { rowsOf } from './sql-rows'

const place = z.strictObject({ room: roomName, accountId: rowKey })
const amount = z.int().min(1).max(1_000)

export const transferMoney = defineAction({
  name: 'money.transfer',
  version: 1,
  input: z.strictObject({ from: place, to: place, amount }),
  audiences: ({ from, to }) => [from.room, to.room],
  async run({ db, input }) {
    const rows = rowsOf(db)
    if (input.from.accountId === input.to.accountId) reject('same-account')
    const from = await accountIn(rows, input.from)
    const to = await accountIn(rows, input.to)
    await move(rows, { from, to, amount: BigInt(input.amount) })
  },
})

/** Takes money out of a room into one's own purse, which nobody else sees; the first time makes the purse. */
export const pocketMoney = defineAction({
  name: 'money.pocket',
  version: 1,
  input: z.strictObject({ from: place, amount }),
  audiences: ({ from }, { user }) => [from.room, `user:${user.id}`],
  async run({ db, input, id, user }) {
    const rows = rowsOf(db)
    const audience = `user:${user.id}`
    const from = await accountIn(rows, input.from)
    const [purse] = await rows.list('accounts', audience)
    const to = purse ?? { id: id(), audience, holder: user.id, balance: '0' }
    if (!purse) await rows.put('items', { id: id(), audience, label: 'ledger', value: '0', holder: null })
    await move(rows, { from, to, amount: BigInt(input.amount) })
  },
})

async function accountIn(rows: Rows, { room, accountId }: z.output<typeof place>): Promise<Row> {
  const account = await rows.get('accounts', accountId)
  if (account?.audience !== room) reject('no-account')
  return account
}

interface Move {
  readonly from: Row
  readonly to: Row
  readonly amount: bigint
}

async function move(rows: Rows, { from, to, amount }: Move): Promise<void> {
  const balance = numberIn(from, 'balance')
  if (balance < amount) reject('too-little', { balance: String(balance) })
  await rows.put('accounts', { ...from, balance: String(balance - amount) })
  await rows.put('accounts', { ...to, balance: String(numberIn(to, 'balance') + amount) })
  if (from.audience === to.audience) return
  await addToLedger(rows, from.audience, -amount)
  await addToLedger(rows, to.audience, amount)
}

async function addToLedger(rows: Rows, audience: string, by: bigint): Promise<void> {
  const ledger = (await itemLabelled(rows, audience, 'ledger')) ?? reject('no-ledger')
  await rows.put('items', { ...ledger, value: String(numberIn(ledger, 'value') + by) })
}
