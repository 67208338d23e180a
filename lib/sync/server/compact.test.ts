import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Authority,
  clubOf,
  createAuthority,
  createClient,
  cursorsOf,
  emptyClubs,
  look,
  noonMs,
  openClubs,
  type RawClient,
  tablesOf,
} from '@/tests/concurrency/authority'
import { addMember, copyCounter, foundClub, turnCounter } from '@/tests/concurrency/club-actions'
import { decodeClock } from '../core/hlc'
import type { SyncAnswer } from '../core/protocol'
import type { Store } from '../store/driver'

const hour = 3_600_000
const day = 24 * hour
/** Sealed after an hour, gone after two. */
const retention = { lateWindowMs: hour, keptHistoryMs: 2 * hour, entriesMax: 1_000 }

let store: Store
let authority: Authority
let ann: RawClient
let ben: RawClient
let clubId: string
let otherId: string

beforeAll(async () => {
  store = await openClubs()
})
afterAll(() => store.close())
beforeEach(async () => {
  await emptyClubs(store)
  authority = createAuthority(store, { retention, outboxRetentionMs: hour })
  ann = createClient(authority, 'ann')
  ben = createClient(authority, 'ben')
  const founding = ann.make(foundClub, { name: 'one' }, { at: -90_000 })
  const other = ann.make(foundClub, { name: 'two' }, { at: -89_000 })
  clubId = clubOf(founding.id)
  otherId = clubOf(other.id)
  const members = [clubId, otherId].map((id) => ann.make(addMember, { clubId: id, userId: 'ben' }, { at: -80_000 }))
  await ann.push(founding, other, ...members.map((action, index) => ({ ...action, clock: later(action.clock, index) })))
})

const later = (clock: string, counter: number) => clock.replace(/-0000-/, `-000${counter}-`)
const turn = (client: RawClient, at: number, by = 1) => client.make(turnCounter, { clubId, by }, { at })
const sync = (answer: Awaited<ReturnType<RawClient['exchange']>>): SyncAnswer => {
  if (answer.kind !== 'sync') throw new Error(`The exchange was answered with ${answer.kind}`)
  return answer
}
const count = async (table: string) =>
  (await look<{ count: number }>(authority, `select count(*)::int as count from sync.${table}`))[0]?.count
const club = () => `club:${clubId}`

describe('sealing', () => {
  it('[HLC-4, ACT-5, CX-43] a late arrival below the seal of its audience comes last, and its receipt says so', async () => {
    await ann.push(turn(ann, 0))
    const late = turn(ben, -1_000, 5)
    authority.time.ms += 3 * hour
    await authority.server.compact()
    const [receipt] = await ben.push(late)
    expect(receipt).toMatchObject({ status: 'applied', restamped: true })
    expect(decodeClock(receipt?.clock ?? '').ms).toBe(authority.time.ms)
    expect(authority.events).toContainEqual({ kind: 'restamped', newcomers: [late.id], why: 'sealed' })
    // The one after it, within the window, is not concerned.
    const [next] = await ben.push(turn(ben, 3 * hour + 1))
    expect(next?.restamped).toBe(false)
  })

  it('[HLC-4] a late arrival above the seal takes its place, and what came later is replayed', async () => {
    authority.time.ms += 2 * hour
    await ann.push(turn(ann, 2 * hour - 1, 7))
    await authority.server.compact()
    const [receipt] = await ben.push(turn(ben, 2 * hour - 60_000, 5))
    expect(receipt).toMatchObject({ status: 'applied', restamped: false })
    expect(authority.events.at(-2)).toMatchObject({ kind: 'ingest', path: 'late', replayed: 1 })
  })

  it('[HLC-4, CX-5b] the seal of an audience that only the replay set reaches counts as well', async () => {
    authority.time.ms += 3 * hour
    // Later than the newcomer: one that reads the other club and writes this one, and one in this one.
    await ann.push(
      ann.make(copyCounter, { from: otherId, to: clubId }, { at: 3 * hour - 5 }),
      turn(ann, 3 * hour - 4, 3),
    )
    // Only this club is sealed that far; the newcomer names the other one.
    await store.transaction((sql) =>
      sql.rows('update sync.audiences set sealed_until = max_clock where audience = $1', [club()]),
    )
    const before = await tablesOf(store)
    const [receipt] = await ben.push(ben.make(turnCounter, { clubId: otherId, by: 5 }, { at: 3 * hour - 50 }))
    expect(receipt).toMatchObject({ status: 'applied', restamped: true })
    const after = await tablesOf(store)
    // What was copied is what was there before it.
    const counterOf = (rows: typeof before) => rows.counters?.filter((row) => row.includes(clubId))
    expect(counterOf(after)).toEqual(counterOf(before))
  })
})

describe('pruning', () => {
  it('[ING-2, CX-5] what is pruned is known for ever: offered again it is answered, and not done twice', async () => {
    const done = turn(ben, 0, 5)
    const [first] = await ben.push(done)
    authority.time.ms += 3 * hour
    const compacted = await authority.server.compact()
    expect(compacted).toMatchObject({ actions: 5, isDone: true })
    expect([await count('actions'), await count('patches'), await count('ids')]).toEqual([0, 0, 5])
    const before = await tablesOf(store)
    expect(await ben.push(done)).toEqual([first])
    expect(await tablesOf(store)).toEqual(before)
    expect(await authority.server.compact()).toMatchObject({ sealed: 0, entries: 0, actions: 0 })
  })

  it('[HLC-4] an action held since before its client’s later ones were pruned still comes after the earlier ones', async () => {
    await ben.push(turn(ben, 5))
    const held = turn(ben, 4)
    await ben.push(turn(ben, 6))
    authority.time.ms += 3 * hour
    await authority.server.compact()
    const [receipt] = await ben.push(held)
    expect(receipt?.restamped).toBe(true)
  })

  it('[HOR-1, FM-55] what may still be replayed stays, images and all, however often it is compacted', async () => {
    authority.time.ms += 2 * hour
    for (let turns = 0; turns < 4; turns += 1) await ann.push(turn(ann, hour + 10 + turns, turns))
    await authority.server.compact()
    const [receipt] = await ben.push(turn(ben, hour + 5, 9))
    expect(receipt?.restamped).toBe(false)
    const [row] = await look<{ total: number }>(
      authority,
      `select total::int from counters where audience = '${club()}' and name = 'visits'`,
    )
    expect(row?.total).toBe([9, 0, 1, 2, 3].reduce((total, by) => total * 2 + by, 0))
  })

  it('[OUT-1, FM-55] a server that would forget sooner than devices offer again does not start', () => {
    const forgetful = { ...retention, lateWindowMs: hour - 1 }
    expect(() => createAuthority(store, { retention: forgetful, outboxRetentionMs: hour })).toThrow('late window')
  })
})

describe('cursors and floors', () => {
  /** After the first answer three more ingests, the last of them young. */
  async function withFloor() {
    const first = await ben.read()
    await ann.push(turn(ann, 10, 1))
    const second = await ben.read(cursorsOf(first))
    await ann.push(turn(ann, 20, 2))
    authority.time.ms += 3 * hour
    await ann.push(turn(ann, 3 * hour, 3))
    await authority.server.compact()
    return { first, second, heads: await heads() }
  }
  const heads = async () =>
    (
      await look<{ head: number; floor: number; floor_token: string }>(
        authority,
        `select head::int, floor::int, floor_token from sync.audiences where audience = '${club()}'`,
      )
    )[0]

  it('[HOR-1, FM-54] a cursor below the floor is answered with a snapshot, and what it offers is taken', async () => {
    const { first, second } = await withFloor()
    const cursors = cursorsOf(first)
    const entry = second.entries.find(({ audience }) => audience === club())
    const old = cursors.map((one) =>
      one.audience === club() && entry ? { ...one, seq: entry.seq, token: entry.token } : one,
    )
    const offered = turn(ben, 3 * hour + 1, 4)
    const answer = sync(await ben.exchange([offered], { cursors: old }))
    expect(answer.snapshots.map(({ audience }) => audience)).toContain(club())
    expect(answer.entries.filter(({ audience }) => audience === club())).toEqual([])
    expect(answer.receipts).toMatchObject([{ actionId: offered.id, status: 'applied' }])
    expect(authority.events.at(-1)).toMatchObject({ kind: 'exchange', behind: 1 })
  })

  it('[HOR-1, FM-54, CX-50] a cursor at the floor is good with its token, and another history with another one', async () => {
    const { heads } = await withFloor()
    const at = { audience: club(), seq: heads?.floor ?? 0, token: heads?.floor_token ?? '' }
    expect(at.seq).toBe((heads?.head ?? 0) - 1)
    const answer = sync(await ben.exchange([], { cursors: [at] }))
    expect(answer.entries.filter(({ audience }) => audience === club()).map(({ seq }) => seq)).toEqual([heads?.head])
    expect(answer.snapshots.map(({ audience }) => audience)).not.toContain(club())
    expect((await ben.exchange([], { cursors: [{ ...at, token: 'x' }] })).kind).toBe('reset')
  })

  it('[HOR-1, FM-54, CX-50] when everything is cut off, head and floor still have a token', async () => {
    await withFloor()
    authority.time.ms += 3 * hour
    await authority.server.compact()
    const row = await heads()
    expect(row?.floor).toBe(row?.head)
    expect(await count('log')).toBe(0)
    const at = { audience: club(), seq: row?.floor ?? 0, token: row?.floor_token ?? '' }
    const answer = sync(await ben.exchange([], { cursors: [at] }))
    expect([answer.entries, answer.snapshots.map(({ audience }) => audience)]).toEqual([
      [],
      expect.not.arrayContaining([club()]),
    ])
    await ann.push(turn(ann, 6 * hour))
    const next = sync(await ben.exchange([], { cursors: [at] }))
    expect(next.entries).toMatchObject([{ seq: at.seq + 1, previousToken: at.token }])
  })

  it('[HOR-1] an audience keeps at most so many entries, however young they are', async () => {
    authority = createAuthority(store, { retention: { ...retention, entriesMax: 5 }, outboxRetentionMs: hour })
    ann = createClient(authority, 'ann')
    for (let turns = 0; turns < 12; turns += 1) await ann.push(turn(ann, turns))
    await authority.server.compact()
    const row = await heads()
    expect((row?.head ?? 0) - (row?.floor ?? 0)).toBe(5)
  })
})

describe('a long time', () => {
  it('[HOR-1, ING-2] a year of work: log, actions and images stay small, only ids grow', async () => {
    const week = { lateWindowMs: 14 * day, keptHistoryMs: 14 * day, entriesMax: 1_000 }
    authority = createAuthority(store, { retention: week })
    ann = createClient(authority, 'ann')
    const sizes: number[] = []
    for (let today = 1; today <= 365; today += 1) {
      authority.time.ms = noonMs + today * day
      await ann.push(turn(ann, today * day, today))
      if (today % 7 > 0) continue
      await authority.server.compact()
      sizes.push(((await count('log')) ?? 0) + ((await count('actions')) ?? 0) + ((await count('patches')) ?? 0))
    }
    const [afterAMonth] = sizes.slice(4)
    expect(Math.max(...sizes.slice(5))).toBeLessThanOrEqual(afterAMonth ?? 0)
    expect(await count('ids')).toBe(4 + 365)
    const [row] = await look<{ total: number }>(
      authority,
      `select total::int from counters where audience = '${club()}' and name = 'visits'`,
    )
    expect(row?.total).toBe(
      Array.from({ length: 365 }, (_, index) => index + 1).reduce((so, by) => (so * 2 + by) % 1_000_003, 0),
    )
  }, 60_000)

  it('[HOR-1] compaction that runs out of time did a part of it, and the next one goes on', async () => {
    for (let turns = 0; turns < 3; turns += 1) await ann.push(turn(ann, turns))
    authority.time.ms += 3 * hour
    expect(await authority.server.compact({ deadlineMs: 0 })).toMatchObject({ actions: 0, isDone: false })
    expect(await authority.server.compact()).toMatchObject({ isDone: true })
    expect(await count('actions')).toBe(0)
  })
})
