/** Counters, in which the order shows, and things that are made, taken, carried about and tidied away. */
import { z } from 'zod'
import { type AudienceContext, defineAction, reject } from '@/lib/sync/action'
import { inRoom, roomName, rowKey, whole } from './input'
import { counterOf, numberIn, setValue, thingIn } from './lookups'
import { rowsOf } from './sql-rows'

const sum = z.strictObject({ room: roomName, by: whole })

/** As build 1 knows it. */
export const addToCounterOnce = defineAction({
  name: 'counter.add',
  version: 1,
  input: sum,
  audiences: ({ room }) => [room],
  async run({ db, input }) {
    const rows = rowsOf(db)
    const counter = await counterOf(rows, input.room)
    await setValue(rows, counter, numberIn(counter, 'value') + BigInt(input.by))
  },
})

/** As build 2 knows it: the older input means the same as before. */
export const addToCounter = defineAction({
  name: 'counter.add',
  version: 2,
  input: sum.extend({ times: z.int().min(1).max(9) }),
  versions: { 1: (older) => ({ ...sum.parse(older), times: 1 }) },
  audiences: ({ room }) => [room],
  async run({ db, input }) {
    const rows = rowsOf(db)
    const counter = await counterOf(rows, input.room)
    await setValue(rows, counter, numberIn(counter, 'value') + BigInt(input.by) * BigInt(input.times))
  },
})

export const multiplyCounter = defineAction({
  name: 'counter.multiply',
  version: 1,
  input: sum,
  audiences: ({ room }) => [room],
  async run({ db, input }) {
    const rows = rowsOf(db)
    const counter = await counterOf(rows, input.room)
    await setValue(rows, counter, numberIn(counter, 'value') * BigInt(input.by))
  },
})

/** Gone from build 2: a device that still has it waits for an answer. */
export const bumpLegacy = defineAction({
  name: 'legacy.bump',
  version: 1,
  input: inRoom,
  audiences: ({ room }) => [room],
  async run({ db, input }) {
    const rows = rowsOf(db)
    const counter = await counterOf(rows, input.room)
    await setValue(rows, counter, numberIn(counter, 'value') + 1n)
  },
})

export const makeThing = defineAction({
  name: 'item.make',
  version: 1,
  input: z.strictObject({ room: roomName, values: z.array(whole).min(1).max(5) }),
  audiences: ({ room }) => [room],
  async run({ db, input, id }) {
    const rows = rowsOf(db)
    for (const value of input.values) {
      await rows.put('items', { id: id(), audience: input.room, label: 'thing', value: String(value), holder: null })
    }
  },
})

/** `mine` is the private audience of the author. */
const whereabouts = z.union([roomName, z.literal('mine')])
const audienceOf = (name: string, { user }: Pick<AudienceContext, 'user'>) =>
  name === 'mine' ? `user:${user.id}` : name

/** Out of one audience into the other, where it may become visible to others and leave their sight. */
export const moveThing = defineAction({
  name: 'item.move',
  version: 1,
  input: z.strictObject({ itemId: rowKey, from: whereabouts, to: whereabouts }),
  audiences: ({ from, to }, context) => [audienceOf(from, context), audienceOf(to, context)],
  async run({ db, input, user }) {
    const rows = rowsOf(db)
    const thing = await thingIn(rows, audienceOf(input.from, { user }), input.itemId)
    await rows.put('items', { ...thing, audience: audienceOf(input.to, { user }) })
  },
})

export const takeThing = defineAction({
  name: 'item.take',
  version: 1,
  input: z.strictObject({ room: roomName, itemId: rowKey }),
  audiences: ({ room }) => [room],
  async run({ db, input, user }) {
    const rows = rowsOf(db)
    const thing = await thingIn(rows, input.room, input.itemId)
    if (thing.holder !== null) reject('taken', { holder: thing.holder })
    await rows.put('items', { ...thing, holder: user.id })
  },
})

/** Depends on every thing of the room: one more of them, and it does something else. */
export const tidyThings = defineAction({
  name: 'item.tidy',
  version: 1,
  input: inRoom,
  audiences: ({ room }) => [room],
  async run({ db, input }) {
    const rows = rowsOf(db)
    const things = (await rows.list('items', input.room)).filter((item) => item.label === 'thing')
    if (things.length === 0) reject('tidy-already')
    for (const thing of things) {
      const value = numberIn(thing, 'value')
      if (value % 3n === 0n) await rows.delete('items', thing.id)
      else if (value % 3n === 1n) await setValue(rows, thing, value + BigInt(things.length))
    }
  },
})
