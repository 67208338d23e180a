/** Private slips that decide about shared rows, and public notices that everybody reads. */
import { z } from 'zod'
import { defineAction, reject } from '@/lib/sync/action'
import { inRoom, phrase, whole } from './input'
import { counterOf, itemLabelled, modulus, numberIn, setValue } from './lookups'
import { rowsOf } from './sql-rows'

/** There is one slip: the next one replaces it, under a key of its own when it is a fresh sheet. */
export const writeSlip = defineAction({
  name: 'slip.write',
  version: 1,
  input: z.strictObject({ value: whole, isFreshSheet: z.boolean() }),
  audiences: (_, { user }) => [`user:${user.id}`],
  async run({ db, input, id, user }) {
    const rows = rowsOf(db)
    const audience = `user:${user.id}`
    const old = await itemLabelled(rows, audience, 'slip')
    if (old && input.isFreshSheet) await rows.delete('items', old.id)
    const key = (input.isFreshSheet ? null : old?.id) ?? id()
    await rows.put('items', { id: key, audience, label: 'slip', value: String(input.value), holder: user.id })
  },
})

/** A shared effect that rows decide which the others cannot see. */
export const decideBySlip = defineAction({
  name: 'slip.decide',
  version: 1,
  input: inRoom,
  audiences: ({ room }, { user }) => ({ writes: [room], reads: [`user:${user.id}`] }),
  async run({ db, input, user }) {
    const rows = rowsOf(db)
    const slip = (await itemLabelled(rows, `user:${user.id}`, 'slip')) ?? reject('no-slip')
    const value = numberIn(slip, 'value')
    if (value % 2n === 0n) reject('slip-says-no')
    const counter = await counterOf(rows, input.room)
    await setValue(rows, counter, numberIn(counter, 'value') * 2n + value)
  },
})

/** In order of arrival, as everything in `public` must be: what reads it would have to run again for a late one. */
export const postNotice = defineAction({
  name: 'notice.post',
  version: 1,
  input: z.strictObject({ text: phrase }),
  audiences: () => ['public'],
  order: 'arrival',
  async run({ db, input, id, now }) {
    const rows = rowsOf(db)
    const old = (await rows.list('items', 'public')).filter((item) => item.label === 'notice')
    const surplus = old.slice(0, Math.max(0, old.length - noticesMax + 1))
    for (const notice of surplus) await rows.delete('items', notice.id)
    const value = String(BigInt(now.getTime()) % modulus)
    await rows.put('items', { id: id(), audience: 'public', label: 'notice', value, holder: input.text })
  },
})

const noticesMax = 8

export const echoNotices = defineAction({
  name: 'notice.echo',
  version: 1,
  input: inRoom,
  audiences: ({ room }) => ({ writes: [room], reads: ['public'] }),
  async run({ db, input, id }) {
    const rows = rowsOf(db)
    const notices = await rows.list('items', 'public')
    if (notices.length === 0) reject('no-notices')
    const total = notices.reduce((sum, notice) => sum * 3n + numberIn(notice, 'value'), 0n)
    const echo = await itemLabelled(rows, input.room, 'echo')
    const key = echo?.id ?? id()
    await rows.put('items', {
      id: key,
      audience: input.room,
      label: 'echo',
      value: String(total % modulus),
      holder: null,
    })
  },
})
