/**
 * Several servers share one Postgres, and pushes meet in it: while one waits, another writes, and somebody reads
 * everything from the beginning. Each push counts as if it had been alone.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineAction } from '@/lib/sync/action'
import type { Store } from '@/lib/sync/store/driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import {
  clubOf,
  createAuthority,
  createClient,
  cursorsOf,
  emptyClubs,
  look,
  type RawClient,
} from '../concurrency/authority'
import { installClub, parts } from '../concurrency/club'
import { addMember, clubActions, foundClub, takeSeat, turnCounter } from '../concurrency/club-actions'
import { type Watcher, watchedStore } from '../concurrency/faulty-store'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

/** A part of nothing: its foreign key waits for the end of the action. */
const orphan = defineAction({
  name: 'part.orphan',
  version: 1,
  input: z.strictObject({ clubId: z.uuid() }),
  audiences: (input) => [`club:${input.clubId}`],
  async run({ db, input, id }) {
    await db.insert(parts).values({ id: id(), thingId: id('none'), audience: `club:${input.clubId}`, label: 'x' })
  },
})

describe('pushes that meet', () => {
  let database: TestDatabase
  let stores: Store[]
  let store: Store
  let ann: RawClient
  let clubId: string
  let watch: Watcher

  beforeAll(async () => {
    database = await createTestDatabase()
    stores = [1, 2, 3].map(() => createPostgresStore(database.url, { connectionsMax: 3 }))
    store = stores[0]!
    await installClub(store)
  })
  afterAll(async () => {
    for (const each of stores) await each.close()
    await database.drop()
  })
  beforeEach(async () => {
    await emptyClubs(store)
    watch = () => undefined
    ann = createClient(createAuthority(store), 'ann')
    const founding = ann.make(foundClub, { name: 'one' }, { at: -90_000 })
    clubId = clubOf(founding.id)
    await ann.push(founding, ann.make(addMember, { clubId, userId: 'ben' }, { at: -80_000 }))
  })

  /** A server whose statements the test of the moment watches. */
  const watchedServer = () =>
    createAuthority(
      watchedStore(stores[1]!, (statement, parameters) => watch(statement, parameters)),
      { actions: [...clubActions, orphan] },
    )

  it('[CX-18, ING-6] a deferred foreign key fails its action alone, and the push is answered the same each time', async () => {
    const client = createClient(watchedServer(), 'ann')
    const push = [
      client.make(takeSeat, { clubId, place: 1 }, { at: 0 }),
      client.make(orphan, { clubId }, { at: 1 }),
      client.make(takeSeat, { clubId, place: 2 }, { at: 2 }),
    ]
    const receipts = await client.push(...push)
    expect(receipts.map(({ status, reason }) => [status, reason])).toEqual([
      ['applied', null],
      ['rejected', 'error'],
      ['applied', null],
    ])
    expect(await client.push(...push)).toEqual(receipts)
    expect(await look({ store }, 'select place from seats order by place')).toEqual([{ place: 1 }, { place: 2 }])
  })

  it('[CX-19, ING-1] a push that waited for a lock sees what was written meanwhile', async () => {
    const ben = createClient(createAuthority(stores[2]!), 'ben')
    const take = ben.make(takeSeat, { clubId, place: 1 }, { at: 10 })
    let waiting: Promise<unknown> | null = null
    watch = async (statement) => {
      if (waiting !== null || !statement.includes('insert into sync.log')) return
      waiting = ben.push(take)
      await untilSomebodyWaits()
    }
    const first = createClient(watchedServer(), 'ann')
    const [receipt] = await first.push(first.make(takeSeat, { clubId, place: 1 }, { at: 5 }))
    expect(receipt?.status).toBe('applied')
    expect(await waiting).toMatchObject([{ status: 'rejected', reason: 'seat-taken', details: { by: 'ann' } }])
  })

  it('[CX-19, ING-1] at a stricter level of isolation nothing is ingested', async () => {
    const strict: Store = {
      ...store,
      transaction: (work, options) => store.transaction(work, { ...options, isolation: 'repeatable read' }),
    }
    const client = createClient(createAuthority(strict), 'ann')
    const push = client.push(client.make(takeSeat, { clubId, place: 1 }, { at: 0 }))
    await expect(push).rejects.toMatchObject({ name: 'InvariantBroken', rule: 'ING-1' })
    expect(await look({ store }, 'select place from seats')).toEqual([])
  })

  it('[FM-58, CON-1] a snapshot read while others write is of one moment, and the log goes on from there', async () => {
    const ben = createClient(createAuthority(stores[2]!), 'ben')
    let hasTurned = false
    watch = async (statement) => {
      if (hasTurned || !/from public\."?counters/.test(statement)) return
      hasTurned = true
      await ben.push(ben.make(turnCounter, { clubId, by: 5 }, { at: 0 }))
    }
    const reader = createClient(watchedServer(), 'ann')
    const snapshot = await reader.read()
    expect(hasTurned).toBe(true)
    const club = snapshot.snapshots.find(({ audience }) => audience === `club:${clubId}`)
    expect(club?.rows.filter(({ table }) => table === 'counters')).toMatchObject([{ image: { total: '0' } }])
    const { entries } = await reader.read(cursorsOf(snapshot))
    expect(entries.filter(({ audience }) => audience === `club:${clubId}`)).toMatchObject([
      { seq: (club?.seq ?? 0) + 1, changes: [{ image: { total: '5' } }] },
    ])
  })

  it('[FM-57, ING-7] a late arrival costs by what it makes run again, not by its square', async () => {
    let statements = 0
    const costs: number[] = []
    for (const later of [10, 20, 40]) {
      const founder = createClient(createAuthority(store), 'ann')
      const club = founder.make(foundClub, { name: `for ${later}` }, { at: -70_000 })
      const turns = Array.from({ length: later }, (_, at) =>
        founder.make(turnCounter, { clubId: clubOf(club.id), by: 1 }, { at: at - 50_000 }),
      )
      await founder.push(club, ...turns)
      const server = watchedServer()
      const late = createClient(server, 'ann')
      statements = 0
      watch = () => {
        statements += 1
      }
      await late.push(late.make(turnCounter, { clubId: clubOf(club.id), by: 1 }, { at: -60_000 }))
      costs.push(statements)
      expect(server.events).toContainEqual(expect.objectContaining({ kind: 'ingest', path: 'late', replayed: later }))
    }
    const [small = 0, middle = 0, large = 0] = costs
    expect(large - middle, `${costs.join(', ')} statements`).toBeLessThan((middle - small) * 2.5)
  })

  /** Asks the database until a statement of another connection waits for a lock. */
  async function untilSomebodyWaits(): Promise<void> {
    for (let asked = 0; asked < 2_000; asked += 1) {
      const waiting = await look({ store }, `select 1 from pg_locks where locktype = 'advisory' and not granted`)
      if (waiting.length > 0) return
    }
    throw new Error('Nobody waits for a lock')
  }
})
