/** Rooms and their members. A room with members always has an owner, and who leaves gives the seat back. */
import { z } from 'zod'
import { defineAction, reject } from '@/lib/sync/action'
import { inRoom, phrase, role, roomName, userKey } from './input'
import { itemLabelled, memberOf, modulus, numberIn, seatOf } from './lookups'
import type { Rows } from './rows'
import { rowsOf } from './sql-rows'

/** What every room has to begin with: `rules.ts` counts on it. */
export const foundingTotal = 300n

export const foundRoom = defineAction({
  name: 'room.found',
  version: 1,
  input: z.strictObject({
    title: phrase,
    guests: z.array(z.strictObject({ userId: userKey, role })).max(5),
  }),
  audiences: (_, { id }) => [`room:${id('room')}`],
  async run({ db, input, id, user }) {
    const rows = rowsOf(db)
    const audience = `room:${id('room')}`
    for (const holder of ['till', user.id]) {
      await rows.put('accounts', { id: id(), audience, holder, balance: String(foundingTotal / 2n) })
    }
    await rows.put('members', { id: id(), audience, user_id: user.id, role: 'owner' })
    for (const guest of input.guests) {
      await rows.put('members', { id: id(), audience, user_id: guest.userId, role: guest.role })
    }
    await rows.put('items', { id: id(), audience, label: 'ledger', value: String(foundingTotal), holder: null })
    await rows.put('items', { id: id(), audience, label: 'counter', value: '1', holder: null })
    await rows.put('folders', { id: id(), audience, title: input.title })
    return { room: audience }
  },
})

export const addMember = defineAction({
  name: 'member.add',
  version: 1,
  input: z.strictObject({ room: roomName, userId: userKey, role }),
  audiences: ({ room }) => [room],
  async run({ db, input, id, user }) {
    const rows = rowsOf(db)
    await requireOwner(rows, input.room, user.id)
    if (await memberOf(rows, input.room, input.userId)) reject('already-member')
    await rows.put('members', { id: id(), audience: input.room, user_id: input.userId, role: input.role })
  },
})

export const removeMember = defineAction({
  name: 'member.remove',
  version: 1,
  input: z.strictObject({ room: roomName, userId: userKey }),
  audiences: ({ room }) => [room],
  async run({ db, input, user }) {
    const rows = rowsOf(db)
    await requireOwner(rows, input.room, user.id)
    await dismiss(rows, input.room, input.userId)
  },
})

export const leaveRoom = defineAction({
  name: 'room.leave',
  version: 1,
  input: inRoom,
  audiences: ({ room }) => [room],
  run: ({ db, input, user }) => dismiss(rowsOf(db), input.room, user.id),
})

/** A viewer holds no seat: it goes before the role does, while an owner who steps down may still take it away. */
export const changeRole = defineAction({
  name: 'member.role',
  version: 1,
  input: z.strictObject({ room: roomName, userId: userKey, role }),
  audiences: ({ room }) => [room],
  async run({ db, input, user }) {
    const rows = rowsOf(db)
    await requireOwner(rows, input.room, user.id)
    const member = (await memberOf(rows, input.room, input.userId)) ?? reject('not-a-member')
    if (input.role !== 'owner') await requireAnotherOwner(rows, input.room, input.userId)
    if (input.role === 'viewer') await giveSeatBack(rows, input.room, input.userId)
    await rows.put('members', { ...member, role: input.role })
  },
})

/** Reads several rooms and writes down in one what they come to: what is read must be of the same moment. */
export const surveyRooms = defineAction({
  name: 'room.survey',
  version: 1,
  input: z.strictObject({ room: roomName, reads: z.array(roomName).min(1).max(6) }),
  audiences: ({ room, reads }) => ({ writes: [room], reads }),
  async run({ db, input, id }) {
    const rows = rowsOf(db)
    let total = 0n
    for (const room of new Set(input.reads)) {
      for (const item of await rows.list('items', room)) total += item.label === 'survey' ? 0n : numberIn(item, 'value')
      for (const account of await rows.list('accounts', room)) total += numberIn(account, 'balance')
    }
    const survey = await itemLabelled(rows, input.room, 'survey')
    const value = String(total % modulus)
    await rows.put('items', { id: survey?.id ?? id(), audience: input.room, label: 'survey', value, holder: null })
  },
})

async function requireOwner(rows: Rows, room: string, userId: string): Promise<void> {
  const member = await memberOf(rows, room, userId)
  if (member?.role !== 'owner') reject('owners-only')
}

async function requireAnotherOwner(rows: Rows, room: string, userId: string): Promise<void> {
  const members = await rows.list('members', room)
  if (!members.some((member) => member.role === 'owner' && member.user_id !== userId)) reject('last-owner')
}

/** The seat first: who is no member any more may not give it back. */
async function dismiss(rows: Rows, room: string, userId: string): Promise<void> {
  const member = (await memberOf(rows, room, userId)) ?? reject('not-a-member')
  await requireAnotherOwner(rows, room, userId)
  await giveSeatBack(rows, room, userId)
  if (!(await rows.delete('members', member.id))) reject('not-allowed')
}

async function giveSeatBack(rows: Rows, room: string, userId: string): Promise<void> {
  const seat = await seatOf(rows, room, userId)
  if (seat && !(await rows.delete('seats', seat.id))) reject('not-allowed')
}
