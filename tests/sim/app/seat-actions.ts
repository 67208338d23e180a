/** Few places and many who want one: whoever comes first in replay order has it. */
import { z } from 'zod'
import { defineAction, reject } from '@/lib/sync/action'
import { inRoom, roomName, userKey } from './input'
import { numberIn, seatOf } from './lookups'
import type { Row, Rows } from './rows'
import { rowsOf } from './sql-rows'

/** Places of a room are numbered from 1 to this. */
export const placesMax = 4

const place = z.int().min(1).max(placesMax)
const claim = z.strictObject({ room: roomName, place: place.nullable() })

export const claimSeat = defineAction({
  name: 'seat.claim',
  version: 1,
  input: claim,
  audiences: ({ room }) => [room],
  async run({ db, input, id, user }) {
    const rows = rowsOf(db)
    const audience = input.room
    if (await seatOf(rows, audience, user.id)) reject('seated-already')
    const taken = (await rows.list('seats', audience)).map((seat) => Number(seat.place))
    const free = Array.from({ length: placesMax }, (_, index) => index + 1).filter((each) => !taken.includes(each))
    const wanted = input.place ?? free[0] ?? reject('all-taken')
    if (!free.includes(wanted)) reject('seat-taken')
    await rows.put('seats', { id: id(), audience, place: String(wanted), holder: user.id })
    return { place: wanted }
  },
})

/** The same in order of arrival: a slow or dishonest clock does not win. */
export const claimSeatOnce = defineAction({ ...claimSeat, name: 'seat.claimOnce', order: 'arrival' })

/** Does not look whether the place is free: the unique constraint must say no. */
export const forceSeat = defineAction({
  name: 'seat.force',
  version: 1,
  input: z.strictObject({ room: roomName, place }),
  audiences: ({ room }) => [room],
  async run({ db, input, id, user }) {
    const rows = rowsOf(db)
    if (await seatOf(rows, input.room, user.id)) reject('seated-already')
    await rows.put('seats', { id: id(), audience: input.room, place: String(input.place), holder: user.id })
  },
})

export const leaveSeat = defineAction({
  name: 'seat.leave',
  version: 1,
  input: inRoom,
  audiences: ({ room }) => [room],
  async run({ db, input, user }) {
    const rows = rowsOf(db)
    const seat = (await seatOf(rows, input.room, user.id)) ?? reject('no-seat')
    if (!(await rows.delete('seats', seat.id))) reject('not-allowed')
  },
})

/**
 * Two holders change places under a unique constraint that does not wait: by rows that go and come under other keys, by
 * a place in between, or without a thought, which the constraint refuses.
 */
export const swapSeats = defineAction({
  name: 'seat.swap',
  version: 1,
  input: z.strictObject({ room: roomName, userId: userKey, by: z.enum(['rows', 'values', 'collision']) }),
  audiences: ({ room }) => [room],
  async run({ db, input, id, user }) {
    const rows = rowsOf(db)
    const mine = (await seatOf(rows, input.room, user.id)) ?? reject('no-seat')
    const theirs = (await seatOf(rows, input.room, input.userId)) ?? reject('no-seat')
    if (mine.id === theirs.id) reject('same-seat')
    if (input.by === 'rows') await swapRows(rows, [mine, theirs], [id('mine'), id('theirs')])
    else {
      if (input.by === 'values') await rows.put('seats', { ...mine, place: '-1' })
      await rows.put('seats', { ...theirs, place: String(numberIn(mine, 'place')) })
      await rows.put('seats', { ...mine, place: String(numberIn(theirs, 'place')) })
    }
  },
})

async function swapRows(rows: Rows, [mine, theirs]: [Row, Row], [first, second]: [string, string]): Promise<void> {
  for (const seat of [mine, theirs]) if (!(await rows.delete('seats', seat.id))) reject('not-allowed')
  await rows.put('seats', { ...mine, id: first, place: String(numberIn(theirs, 'place')) })
  await rows.put('seats', { ...theirs, id: second, place: String(numberIn(mine, 'place')) })
}
