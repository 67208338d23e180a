import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type Authority,
  clubOf,
  createAuthority,
  createClient,
  cursorsOf,
  emptyClubs,
  look,
  openClubs,
  type RawClient,
} from '@/tests/concurrency/authority'
import {
  addMember,
  clubActions,
  foundClub,
  removeMember,
  takeSeat,
  turnCounter,
} from '@/tests/concurrency/club-actions'
import { defineAction, reject } from '../action'
import type { Receipt } from '../core/protocol'
import type { Store } from '../store/driver'

let store: Store
let authority: Authority
let ann: RawClient
let ben: RawClient
let clubId: string

const awkward: Record<string, () => Record<string, unknown>> = {
  'the character NUL': () => ({ title: 'a\u0000b' }),
  'half a character': () => ({ title: 'a\ud800b' }),
  'a number JSON does not know': () => ({ count: 10n }),
  'a circle': () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    return circle
  },
  'a megabyte': () => ({ title: 'x'.repeat(1_000_000) }),
}

const rejectAwkwardly = defineAction({
  name: 'test.reject',
  version: 1,
  input: z.strictObject({ clubId: z.uuid(), how: z.string() }),
  audiences: (input) => [`club:${input.clubId}`],
  run: async ({ input }) => {
    reject(input.how === 'reason' ? 'a\u0000b' : 'awkward', awkward[input.how]?.() ?? {})
  },
})

beforeAll(async () => {
  store = await openClubs()
})
afterAll(() => store.close())
beforeEach(async () => {
  await emptyClubs(store)
  authority = createAuthority(store, { actions: [...clubActions, rejectAwkwardly] })
  ann = createClient(authority, 'ann')
  ben = createClient(authority, 'ben')
  const founding = ann.make(foundClub, { name: 'one' }, { at: -90_000 })
  clubId = clubOf(founding.id)
  await ann.push(founding, ann.make(addMember, { clubId, userId: 'ben' }, { at: -80_000 }))
})

describe('what a rejection tells', () => {
  it.each(Object.keys(awkward))('[ING-6, ACT-3] does not block the push when its details hold %s', async (how) => {
    const receipts = await ann.push(
      ann.make(rejectAwkwardly, { clubId, how }, { at: 0 }),
      ann.make(turnCounter, { clubId, by: 1 }, { at: 1 }),
    )
    expect(receipts.map(({ status, reason }) => [status, reason])).toEqual([
      ['rejected', 'awkward'],
      ['applied', null],
    ])
  })

  it('[ING-6, ACT-3] does not block the push when its reason is no word', async () => {
    const receipts = await ann.push(
      ann.make(rejectAwkwardly, { clubId, how: 'reason' }, { at: 0 }),
      ann.make(turnCounter, { clubId, by: 1 }, { at: 1 }),
    )
    expect(receipts.map(({ status }) => status)).toEqual(['rejected', 'applied'])
  })
})

describe('receipts', () => {
  it('[ING-4, ACT-3] a replay turns applied into rejected and back, each time with a greater revision', async () => {
    const first = ann.make(takeSeat, { clubId, place: 1 }, { at: -100 })
    await ann.push(first)
    const [taken] = await ben.push(ben.make(takeSeat, { clubId, place: 1 }, { at: -200 }))
    expect(taken?.status).toBe('applied')
    const [flipped] = await ann.push(first)
    expect(flipped).toMatchObject({ status: 'rejected', reason: 'seat-taken', revision: 2, details: { by: 'ben' } })
    const other = createClient(authority, 'ann')
    await other.push(other.make(removeMember, { clubId, userId: 'ben' }, { at: -300 }))
    const [back] = await ann.push(first)
    expect(back).toMatchObject({ status: 'applied', reason: null, revision: 3, details: null })
    const told = (await ann.read()).snapshots.flatMap(({ receipts }) => receipts)
    expect(told.find(({ actionId }) => actionId === first.id)).toEqual(back)
  })

  it('[ING-4] positions are the heads of the named audiences once the receipts were appended too', async () => {
    const receipts = await ann.push(
      ann.make(turnCounter, { clubId, by: 1 }, { at: 0 }),
      ann.make(turnCounter, { clubId, by: 2 }, { at: 1 }),
    )
    const heads = await look<{ head: string }>(
      authority,
      `select head from sync.audiences where audience = 'club:${clubId}'`,
    )
    for (const receipt of receipts) expect(receipt.positions).toEqual({ [`club:${clubId}`]: Number(heads[0]?.head) })
  })

  it('[ING-4] the author whose action a replay changed finds the receipt in an entry of the private log', async () => {
    const first = ann.make(takeSeat, { clubId, place: 1 }, { at: -100 })
    await ann.push(first)
    const cursors = cursorsOf(await ann.read())
    await ben.push(ben.make(takeSeat, { clubId, place: 1 }, { at: -200 }))
    const { entries } = await ann.read(cursors)
    const told = entries.filter(({ kind }) => kind === 'receipts')
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({
      audience: 'user:ann',
      changes: [],
      receipts: [{ actionId: first.id, revision: 2 }],
    })
  })
})

describe('after losing the audience', () => {
  const secretsIn = (receipts: readonly Receipt[]) =>
    receipts.filter(({ details, positions }) => details !== null || `club:${clubId}` in positions)

  it('[AUD-6, CX-11c] no receipt tells details or numbers of it, wherever it is read from', async () => {
    const seat = ben.make(takeSeat, { clubId, place: 1 }, { at: -100 })
    await ben.push(seat)
    const cursors = cursorsOf(await ben.read())
    await ann.push(ann.make(takeSeat, { clubId, place: 1 }, { at: -200 }))
    await ann.push(ann.make(removeMember, { clubId, userId: 'ben' }, { at: 0 }))

    const byEntry = (await ben.read(cursors)).entries.flatMap(({ receipts }) => receipts)
    const bySnapshot = (await ben.read()).snapshots.flatMap(({ receipts }) => receipts)
    const byOffer = await ben.push(seat)
    const ahead = await ben.exchange([seat, ben.make(takeSeat, { clubId, place: 2 }, { at: 99_999 })])
    const whileAhead = ahead.kind === 'ahead' ? ahead.receipts : []
    for (const receipts of [byEntry, bySnapshot, byOffer, whileAhead]) {
      const told = receipts.filter(({ actionId }) => actionId === seat.id)
      expect(told.map(({ status, reason }) => [status, reason])).toEqual([['rejected', 'seat-taken']])
      expect(secretsIn(receipts)).toEqual([])
    }
  })

  it('[AUD-6, CX-11c] a replay after it writes neither into the private log', async () => {
    const seat = ben.make(takeSeat, { clubId, place: 1 }, { at: -100 })
    await ben.push(seat)
    await ann.push(ann.make(removeMember, { clubId, userId: 'ben' }, { at: -50 }))
    const other = createClient(authority, 'ann')
    await other.push(other.make(takeSeat, { clubId, place: 1 }, { at: -200 }))
    const [last] = await look<{ receipts: string }>(
      authority,
      `select receipts from sync.log where audience = 'user:ben' order by seq desc limit 1`,
    )
    const told = JSON.parse(last?.receipts ?? '[]') as Receipt[]
    expect(told).toMatchObject([{ actionId: seat.id, revision: 2, status: 'rejected', reason: 'seat-taken' }])
    expect(secretsIn(told)).toEqual([])
  })
})
