import { randomUUID } from 'node:crypto'
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
import { addMember, foundClub, takeSeat, turnCounter } from '@/tests/concurrency/club-actions'
import type { SyncAnswer } from '../core/protocol'
import type { Store } from '../store/driver'
import { rebuild } from '../store/server/rebuild'

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
  await ann.push(
    ann.make(turnCounter, { clubId, by: 5 }, { at: 0 }),
    ann.make(takeSeat, { clubId, place: 1 }, { at: 1 }),
  )
})

const changed = (tables: readonly string[], statements: string) =>
  store.transaction((sql) => rebuild(sql, { tables, statements, nowMs: noonMs, newId: randomUUID }))
const club = () => `club:${clubId}`
const sync = (answer: Awaited<ReturnType<RawClient['exchange']>>): SyncAnswer => {
  if (answer.kind !== 'sync') throw new Error(`The exchange was answered with ${answer.kind}`)
  return answer
}

describe('changing rows past all actions', () => {
  it('[MIG-1, CX-51] a cursor that stands exactly at the head takes a snapshot as well, and goes on from there', async () => {
    const cursors = cursorsOf(await ben.read())
    expect(await changed(['counters'], 'update counters set total = 99')).toEqual([club()])
    const answer = sync(await ben.exchange([], { cursors }))
    const [snapshot, ...others] = answer.snapshots
    expect(others).toEqual([])
    expect(snapshot?.audience).toBe(club())
    expect(snapshot?.rows.filter(({ table }) => table === 'counters')).toMatchObject([{ image: { total: '99' } }])
    await ann.push(ann.make(turnCounter, { clubId, by: 1 }, { at: 2 }))
    const next = sync(await ben.exchange([], { cursors: cursorsOf(answer) }))
    expect(next.entries.map(({ audience, previousToken }) => [audience, previousToken])).toEqual([
      [club(), snapshot?.token],
    ])
  })

  it('[MIG-1] a device that hears entries as they come finds one that does not follow: it asks', async () => {
    const cursor = cursorsOf(await ben.read()).find(({ audience }) => audience === club())
    await changed(['counters'], 'update counters set total = 99')
    const [entry, ...more] = await look<{ seq: number; previous_token: string; kind: string }>(
      authority,
      `select seq::int, previous_token, kind from sync.log where audience = '${club()}'`,
    )
    expect(more).toEqual([])
    expect(entry).toMatchObject({ seq: (cursor?.seq ?? 0) + 1, kind: 'correction' })
    expect(entry?.previous_token).not.toBe(cursor?.token)
  })

  it('[MIG-1] an audience whose last rows went is loaded anew as well', async () => {
    expect(await changed(['seats'], 'delete from seats')).toEqual([club()])
    expect(await changed(['seats'], 'delete from seats')).toEqual([])
  })

  it('[MIG-1, DEP-1] what was accepted before is never replayed: its images do not fit any more', async () => {
    await changed(['counters'], 'update counters set total = 99')
    const [late] = await ben.push(ben.make(turnCounter, { clubId, by: 1 }, { at: -1_000 }))
    expect(late).toMatchObject({ status: 'applied', restamped: true })
    const [row] = await look<{ total: number }>(authority, 'select total::int from counters')
    expect(row?.total).toBe(199)
  })

  it('[MIG-1] a statement that fails, or leaves a row without its parent, has done nothing', async () => {
    const before = await tablesOf(store)
    const log = await look(authority, 'select * from sync.log order by audience, seq')
    await expect(
      changed(['counters'], 'update counters set total = 1; update nothing set x = 1'),
    ).rejects.toMatchObject({
      code: '42P01',
    })
    await expect(changed(['clubs'], 'delete from clubs')).rejects.toMatchObject({ code: '23503' })
    expect(await tablesOf(store)).toEqual(before)
    expect(await look(authority, 'select * from sync.log order by audience, seq')).toEqual(log)
  })
})
