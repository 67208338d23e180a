/** Three rules of a person's own audience: one that counts, one that says no, one that does not end. */
import { z } from 'zod'
import { type AnyAction, defineAction, reject } from '@/lib/sync/action'
import type { Rows } from '../sim/app/rows'
import { rowsOf } from '../sim/app/sql-rows'

const mine = (_input: unknown, { user }: { readonly user: { readonly id: string } }) => [`user:${user.id}`]

async function counterOf(rows: Rows, audience: string) {
  return (await rows.list('items', audience)).find((row) => row.label === 'counter')
}

/** Answers the new number: an action that ran twice shows in it. */
export const count = defineAction({
  name: 'tab.count',
  version: 1,
  input: z.strictObject({ nonce: z.int() }),
  audiences: mine,
  async run({ db, id, user }) {
    const rows = rowsOf(db)
    const audience = `user:${user.id}`
    const counter = await counterOf(rows, audience)
    const value = Number(counter?.value ?? 0) + 1
    const row = counter ?? { id: id('counter'), audience, label: 'counter', holder: null }
    await rows.put('items', { ...row, value: String(value) })
    return { value }
  },
})

export const refuse = defineAction({
  name: 'tab.refuse',
  version: 1,
  input: z.strictObject({ nonce: z.int() }),
  audiences: mine,
  run: async () => reject('no', { why: 'never' }),
})

/** Waits for something that does not come: a bug of an app. */
export const wait = defineAction({
  name: 'tab.wait',
  version: 1,
  input: z.strictObject({ nonce: z.int() }),
  audiences: mine,
  run: () => new Promise<never>(() => undefined),
})

export const tabActions: readonly AnyAction[] = [count, refuse, wait]
