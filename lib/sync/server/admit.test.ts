import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Authority,
  clubOf,
  createAuthority,
  createClient,
  emptyClubs,
  look,
  noonMs,
  openClubs,
  type RawClient,
} from '@/tests/concurrency/authority'
import {
  addMember,
  copyCounter,
  foundClub,
  grabSeat,
  lookAround,
  removeMember,
  takeSeat,
  turnCounter,
} from '@/tests/concurrency/club-actions'
import { decodeClock } from '../core/hlc'
import type { Store } from '../store/driver'

let store: Store
let authority: Authority
let ann: RawClient
let ben: RawClient
let clubId: string

beforeAll(async () => {
  store = await openClubs()
})
afterAll(() => store.close())
beforeEach(async () => {
  await emptyClubs(store)
  authority = createAuthority(store)
  ann = createClient(authority, 'ann')
  ben = createClient(authority, 'ben')
  const founding = ann.make(foundClub, { name: 'one' }, { at: -90_000 })
  clubId = clubOf(founding.id)
  await ann.push(founding, ann.make(addMember, { clubId, userId: 'ben' }, { at: -80_000 }))
})

const counts = () =>
  look(
    authority,
    'select (select count(*)::int from sync.actions) as actions, (select count(*)::int from sync.ids) as ids',
  )

describe('a clock that is ahead', () => {
  it('[HLC-3, FM-41, AB-09] keeps the whole push out, and known ids are answered all the same', async () => {
    const known = ann.make(turnCounter, { clubId, by: 1 }, { at: 0 })
    await ann.push(known)
    const before = await counts()
    const next = ann.make(turnCounter, { clubId, by: 2 }, { at: 1 })
    const ahead = ann.make(turnCounter, { clubId, by: 3 }, { at: 10_001 })
    const answer = await ann.exchange([known, next, ahead])
    expect(answer).toMatchObject({ kind: 'ahead', serverTimeMs: noonMs, above: known.clock })
    expect(answer.kind === 'ahead' && answer.receipts.map(({ actionId }) => actionId)).toEqual([known.id])
    expect(await counts()).toEqual(before)
    const [second] = await ann.push({ ...ahead, clock: ahead.clock.replace(/^.{12}/, known.clock.slice(0, 12)) })
    expect(second?.status).toBe('applied')
  })

  it('[HLC-3] is accepted up to the bound, and no canonical clock is ever beyond it', async () => {
    const [edge] = await ann.push(ann.make(turnCounter, { clubId, by: 1 }, { at: 10_000 }))
    expect(edge).toMatchObject({ status: 'applied', restamped: false })
  })

  it('[HLC-3] of a known id does not matter: the clock is no part of the body', async () => {
    const turn = ann.make(turnCounter, { clubId, by: 1 }, { at: 0 })
    const [first] = await ann.push(turn)
    const later = { ...turn, clock: ann.make(turnCounter, {}, { at: 99_999_999 }).clock }
    expect(await ann.push(later)).toEqual([first])
  })
})

describe('the order of one client', () => {
  it('[HLC-4, CX-9] restamps an action below an accepted one with a smaller ordinal, and those behind it', async () => {
    await ann.push(ann.make(turnCounter, { clubId, by: 1 }, { at: -10 }))
    const receipts = await ann.push(
      ann.make(turnCounter, { clubId, by: 2 }, { at: -50 }),
      ann.make(turnCounter, { clubId, by: 3 }, { at: -40 }),
      ann.make(turnCounter, { clubId, by: 4 }, { at: 50 }),
    )
    expect(receipts.map(({ restamped }) => restamped)).toEqual([true, true, false])
    const clocks = await look<{ clock: string }>(authority, `select clock from sync.actions order by ordinal`)
    expect(clocks.map(({ clock }) => clock)).toEqual(clocks.map(({ clock }) => clock).sort())
  })

  it('[HLC-4, ACT-5, CX-9] an action that builds on an arrival-ordered one runs after it', async () => {
    const grab = ann.make(grabSeat, { clubId, place: 1 }, { at: -50 })
    const see = ann.make(lookAround, { clubId }, { at: -49 })
    const [grabbed, seen] = await ann.push(grab, see)
    expect(grabbed?.restamped).toBe(false)
    expect(decodeClock(grabbed?.clock ?? '').ms).toBe(noonMs)
    expect(seen?.restamped).toBe(true)
    expect((seen?.clock ?? '') > (grabbed?.clock ?? '')).toBe(true)
    const next = ann.make(lookAround, { clubId }, { at: -48 })
    const [after] = await ann.push(next)
    expect((after?.clock ?? '') > (seen?.clock ?? '')).toBe(true)
  })

  it('[HLC-4, OUT-2] holds in one push too, where the earlier action came by another client and got a later clock', async () => {
    const grab = ann.make(grabSeat, { clubId, place: 1 }, { at: -50 })
    const see = ann.make(lookAround, { clubId }, { at: -49 })
    const [grabbed] = await createClient(authority, 'ann').push(grab)
    expect(decodeClock(grabbed?.clock ?? '').ms).toBe(noonMs)
    const [known, seen] = await ann.push(grab, see)
    expect(known).toEqual(grabbed)
    expect((seen?.clock ?? '') > (grabbed?.clock ?? '')).toBe(true)
  })

  it('[HLC-4, ACT-4, CX-6] a held action leaves no trace, and takes its old place when the server knows it', async () => {
    const before = await counts()
    const unknown = ann.make({ name: 'seat.polish', version: 1 }, { clubId }, { at: -30 })
    const newer = ann.make(turnCounter, { clubId, by: 9 }, { at: -20, version: 7 })
    const [first, second] = await ann.push(unknown, newer)
    expect([first?.status, second?.status]).toEqual(['held', 'held'])
    expect(await counts()).toEqual(before)
    await ann.push(ann.make(turnCounter, { clubId, by: 1 }, { at: -10 }))
    const upgraded = createAuthority(store, {
      actions: [
        { ...turnCounter, version: 7, versions: { 1: (older) => older } },
        { ...lookAround, name: 'seat.polish' },
      ],
    })
    const again = createClient(upgraded, 'ann', ann.clientId)
    const receipts = await again.push(unknown, newer)
    expect(receipts.map(({ status, restamped }) => [status, restamped])).toEqual([
      ['applied', false],
      ['applied', false],
    ])
    expect(await look(authority, 'select total::int from counters')).toEqual([{ total: 9 * 2 + 1 }])
  })

  it('[HLC-4, FM-48, CX-29] an ordinal that another id holds is a copied profile: nothing is taken', async () => {
    await ann.push(ann.make(turnCounter, { clubId, by: 1 }, { at: 0, ordinal: 3 }))
    const before = await counts()
    const copy = ann.make(turnCounter, { clubId, by: 5 }, { at: 1, ordinal: 3 })
    expect((await ann.exchange([copy])).kind).toBe('fork')
    const twins = [4, 4].map((ordinal) => ann.make(turnCounter, { clubId, by: 5 }, { at: 2, ordinal }))
    expect((await ann.exchange(twins)).kind).toBe('fork')
    expect(await counts()).toEqual(before)
  })

  it('[ING-0, FM-49, AB-05] a client of somebody else is answered like a copied profile', async () => {
    const eve = createClient(authority, 'eve', ann.clientId)
    const before = await counts()
    const answer = await eve.exchange([eve.make(foundClub, { name: 'two' }, { at: 0, ordinal: 50 })])
    expect(answer).toEqual({ kind: 'fork', serverTimeMs: noonMs })
    expect(await counts()).toEqual(before)
  })
})

describe('order of arrival', () => {
  it('[ACT-5, CX-24] is after every clock of the audiences, also those ahead of the server and those only read', async () => {
    const [fast] = await ben.push(ben.make(turnCounter, { clubId, by: 1 }, { at: 9_000 }))
    const [grabbed] = await ann.push(ann.make(grabSeat, { clubId, place: 1 }, { at: -70_000 }))
    expect((grabbed?.clock ?? '') > (fast?.clock ?? '')).toBe(true)
    const founding = ann.make(foundClub, { name: 'two' }, { at: 0 })
    await ann.push(founding)
    const [copied] = await ann.push(ann.make(copyCounter, { from: clubId, to: clubOf(founding.id) }, { at: 9_500 }))
    const [second] = await ben.push(ben.make(grabSeat, { clubId, place: 2 }, { at: -60_000 }))
    expect((second?.clock ?? '') > (copied?.clock ?? '')).toBe(true)
  })
})

describe('who may', () => {
  it('[AUD-4, CX-4b] an action may use what one before it in the push founds', async () => {
    const founding = ben.make(foundClub, { name: 'two' }, { at: 0 })
    const inside = ben.make(takeSeat, { clubId: clubOf(founding.id), place: 1 }, { at: 1 })
    const receipts = await ben.push(founding, inside)
    expect(receipts.map(({ status }) => status)).toEqual(['applied', 'applied'])
  })

  it('[AUD-4] what a refused action would have founded opens nothing', async () => {
    const founds = { ...copyCounter, name: 'club.foundFrom', audiences: foundingFrom }
    const wider = createAuthority(store, { actions: [founds, takeSeat] })
    const eve = createClient(wider, 'eve')
    const founding = eve.make(founds, { from: clubId, to: clubId }, { at: 0 })
    const inside = eve.make(takeSeat, { clubId: clubOf(founding.id), place: 1 }, { at: 1 })
    const receipts = await eve.push(founding, inside)
    expect(receipts.map(({ status, reason }) => [status, reason])).toEqual([
      ['refused', 'authority'],
      ['refused', 'authority'],
    ])
  })

  it('[AUD-4, CX-3] work of a removed member stays refused whatever is replayed later', async () => {
    const removal = ann.make(removeMember, { clubId, userId: 'ben' }, { at: -20 })
    await ann.push(removal)
    const late = ben.make(takeSeat, { clubId, place: 1 }, { at: -50 })
    expect((await ben.push(late))[0]).toMatchObject({ status: 'refused', reason: 'authority', clock: null })
    const other = createClient(authority, 'ann')
    await other.push(other.make(turnCounter, { clubId, by: 1 }, { at: -70 }))
    expect(await look(authority, 'select * from seats')).toEqual([])
    expect((await ben.push(late))[0]).toMatchObject({ status: 'refused', reason: 'authority' })
  })

  it('[AUD-4, CX-3b] authority is that of the place in history, on the first run as on every other', async () => {
    await ann.push(
      ann.make(removeMember, { clubId, userId: 'ben' }, { at: -40 }),
      ann.make(addMember, { clubId, userId: 'ben' }, { at: -20 }),
    )
    const [between] = await ben.push(ben.make(takeSeat, { clubId, place: 1 }, { at: -30 }))
    expect(between).toMatchObject({ status: 'rejected', reason: 'authority' })
    const other = createClient(authority, 'ann')
    await other.push(other.make(turnCounter, { clubId, by: 1 }, { at: -50 }))
    const rows = await look(authority, `select status, reason from sync.actions where name = 'seat.take'`)
    expect(rows).toEqual([{ status: 'rejected', reason: 'authority' }])
  })

  it('[AUD-4, CX-28] an action in which the author leaves succeeds, and the next one of the push does not', async () => {
    const receipts = await ben.push(
      ben.make(removeMember, { clubId, userId: 'ben' }, { at: 0 }),
      ben.make(takeSeat, { clubId, place: 1 }, { at: 1 }),
    )
    expect(receipts.map(({ status, reason }) => [status, reason])).toEqual([
      ['applied', null],
      ['rejected', 'authority'],
    ])
  })

  it('[AUD-6, AB-23] a club that is not mine is answered like one that does not exist', async () => {
    const eve = createClient(authority, 'eve')
    const [real, invented] = await eve.push(
      eve.make(takeSeat, { clubId, place: 1 }, { at: 0 }),
      eve.make(takeSeat, { clubId: randomUUID(), place: 1 }, { at: 1 }),
    )
    expect({ ...real, actionId: '' }).toEqual({ ...invented, actionId: '' })
    expect(real).toMatchObject({ status: 'refused', reason: 'authority', positions: {} })
  })

  it('[AUD-4] what was confirmed before a reset is held, whatever the reason, and nothing of it is stored', async () => {
    const before = await counts()
    const eve = createClient(authority, 'eve')
    const offers = [
      eve.make(takeSeat, { clubId, place: 1 }, { at: 0 }),
      eve.make(takeSeat, { clubId, place: 1, userId: 'ben' }, { at: 1 }),
    ]
    const receipts = await eve.push(...offers.map((offer) => ({ ...offer, wasConfirmed: true })))
    expect(receipts.map(({ status, reason, clock }) => [status, reason, clock])).toEqual([
      ['held', 'after-restore', null],
      ['held', 'after-restore', null],
    ])
    expect(await counts()).toEqual(before)
    const [turn] = await ann.push(ann.make(turnCounter, { clubId, by: 1 }, { at: 0 }))
    const other = {
      ...ann.make(turnCounter, { clubId, by: 2 }, { at: 1 }),
      id: turn?.actionId ?? '',
      wasConfirmed: true,
    }
    expect((await ann.push(other))[0]).toMatchObject({ status: 'refused', reason: 'invalid-id' })
  })

  it('[ING-2, AB-04] input that does not fit is refused for good, and its neighbours go on', async () => {
    const receipts = await ann.push(
      ann.make(takeSeat, { clubId, place: 1, userId: 'ben' }, { at: 0 }),
      ann.make(takeSeat, { clubId, place: 2 }, { at: 1 }),
    )
    expect(receipts.map(({ status, reason }) => [status, reason])).toEqual([
      ['refused', 'invalid-input'],
      ['applied', null],
    ])
  })
})

/** Founds a club, and names one besides. */
function foundingFrom(input: { from: string }, { id }: { id(key: string): string }) {
  return [`club:${id('club')}`, `club:${input.from}`]
}
