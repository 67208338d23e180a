/** Actions that no application should have and every engine must stand. */
import { z } from 'zod'
import { defineAction, reject } from '@/lib/sync/action'
import { inRoom, roomName, rowKey, whole } from './input'
import { counterOf, numberIn } from './lookups'
import { rowsOf } from './sql-rows'

/** Valid, and without effect: it must not stand in the way of others. */
export const nothingHappens = defineAction({
  name: 'nothing.happens',
  version: 1,
  input: inRoom,
  audiences: ({ room }) => [room],
  run: async ({ db, input }) => (await rowsOf(db).list('items', input.room)).length,
})

/** Whether it fails depends on what others did; what it wrote before must be gone then. */
export const throwSometimes = defineAction({
  name: 'thrower.sometimes',
  version: 1,
  input: z.strictObject({ room: roomName, by: whole }),
  audiences: ({ room }) => [room],
  async run({ db, input, id }) {
    const rows = rowsOf(db)
    await rows.put('items', { id: id(), audience: input.room, label: 'thing', value: String(input.by), holder: null })
    const counter = await counterOf(rows, input.room)
    if ((numberIn(counter, 'value') + BigInt(input.by)) % 3n === 0n) throw new Error('The counter is unlucky')
  },
})

/** Tries to change, in one of four ways, a room it only reads. */
export const writeUndeclared = defineAction({
  name: 'writes.undeclared',
  version: 1,
  input: z.strictObject({ room: roomName, way: z.enum(['insert', 'update', 'delete', 'carry-off']) }),
  audiences: ({ room }, { user }) => ({ writes: [`user:${user.id}`], reads: [room] }),
  async run({ db, input, id, user }) {
    const rows = rowsOf(db)
    const [item] = await rows.list('items', input.room)
    if (!item) reject('nothing-there')
    if (input.way === 'insert') await rows.put('items', { ...item, id: id() })
    else if (input.way === 'update') await rows.put('items', { ...item, value: '7' })
    else if (input.way === 'carry-off') await rows.put('items', { ...item, audience: `user:${user.id}` })
    else if (!(await rows.delete('items', item.id))) reject('not-allowed')
  },
})

/** Gives a row a key of its own choice: perhaps that of a row it cannot see. Both must end in the same. */
export const forgeKey = defineAction({
  name: 'key.forge',
  version: 1,
  input: z.strictObject({ room: roomName, key: rowKey, takesBack: z.boolean() }),
  audiences: ({ room }) => [room],
  async run({ db, input }) {
    const rows = rowsOf(db)
    if (await rows.get('items', input.key)) reject('key-known')
    await rows.put('items', { id: input.key, audience: input.room, label: 'thing', value: '1', holder: null })
    if (input.takesBack) await rows.delete('items', input.key)
  },
})

/** Writes into a room it does not name: it may not even see what is there. */
export const writeElsewhere = defineAction({
  name: 'writes.elsewhere',
  version: 1,
  input: z.strictObject({ room: roomName }),
  audiences: (_, { user }) => [`user:${user.id}`],
  async run({ db, input, id }) {
    const rows = rowsOf(db)
    const seen = await rows.list('items', input.room)
    if (seen.length > 0) throw new Error('Rows of an audience that was not named are visible')
    await rows.put('items', { id: id(), audience: input.room, label: 'thing', value: '1', holder: null })
  },
})
