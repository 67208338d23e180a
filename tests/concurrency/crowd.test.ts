/**
 * Random pushes on several servers at once, on one Postgres, while readers follow: what each server does in which
 * millisecond is left to chance, what it comes to is not. `CROWD_SEED=<seed> npx vitest run
 * tests/concurrency/crowd.test.ts` repeats the pushes of one seed; the interleaving is new each time.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SqlError, Store } from '@/lib/sync/store/driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { createTestDatabase, type TestDatabase } from '@/tests/support/postgres'
import { type Authority, createAuthority, createClient, emptyClubs } from './authority'
import { people, type RandomPush, randomPushes, sendPush } from './campaign'
import { installClub } from './club'
import { clubActions } from './club-actions'
import { createFollower } from './follower'
import { expectConsistent } from './oracle'

const seeds = process.env.CROWD_SEED ? [process.env.CROWD_SEED] : ['crowd 1', 'crowd 2']
const serverCount = 3
const steps = 70
const timeoutMs = 180_000

let databases: TestDatabase[]
let stores: Store[]
let scratch: Store
beforeAll(async () => {
  databases = [await createTestDatabase(), await createTestDatabase()]
  stores = Array.from({ length: serverCount }, () => createPostgresStore(databases[0]!.url, { connectionsMax: 6 }))
  scratch = createPostgresStore(databases[1]!.url, { connectionsMax: 2 })
  await installClub(stores[0]!)
  await installClub(scratch)
})
afterAll(async () => {
  for (const store of [...stores, scratch]) await store.close()
  for (const database of databases) await database.drop()
})

/** Two pushes in flight on each server, taken from the front of one list. */
async function ingestAll(servers: readonly Authority[], pushes: readonly RandomPush[]): Promise<void> {
  const waiting = [...pushes]
  const workers = [...servers, ...servers].map(async (server) => {
    for (let push = waiting.shift(); push; push = waiting.shift()) await sendPush(server, push)
  })
  await Promise.all(workers)
}

async function runCrowd(seed: string): Promise<{ events: Authority['events']; entries: number }> {
  await emptyClubs(stores[0]!)
  const servers = stores.map((store, index) =>
    createAuthority(store, index === 2 ? { actions: clubActions.filter(({ name }) => name !== 'thing.carry') } : {}),
  )
  const followers = people.map((user, index) => createFollower(createClient(servers[index % serverCount]!, user)))
  const [foundings, others] = [3, Number.POSITIVE_INFINITY].map((end, index) =>
    randomPushes(seed, steps).slice(index * 3, end),
  )
  await ingestAll(servers.slice(0, 1), foundings ?? [])
  let isOver = false
  const readers = followers.map(async (follower) => {
    while (!isOver) await follower.step()
  })
  await ingestAll(servers, others ?? []).finally(() => {
    isOver = true
  })
  await Promise.all(readers)
  await expectConsistent(stores[0]!, scratch)
  for (const follower of followers) {
    await follower.catchUp()
    await follower.expectRows(stores[0]!)
  }
  const entries = followers.reduce((sum, { applied }) => sum + applied.entries, 0)
  return { events: servers.flatMap(({ events }) => events), entries }
}

describe('several servers on one database', () => {
  it.each(seeds)(
    '[ORA-1, CON-1, ING-1, ING-5, CX-20] come to what one would have come to, and no reader misses an entry: %s',
    async (seed) => {
      const { events, entries } = await runCrowd(seed)
      const paths = events.flatMap((event) => (event.kind === 'ingest' ? [event.path] : []))
      for (const path of ['fast', 'late'] as const)
        expect(paths.filter((each) => each === path).length).toBeGreaterThan(5)
      expect(entries).toBeGreaterThan(50)
      // Sorted locks never make a circle, and shared rows are written in one order: nothing is tried again, unless a
      // forged push has met the true one with its id.
      const codes = events.flatMap((event) => (event.kind === 'retry' ? [(event.error as SqlError).code] : []))
      expect(codes.filter((code) => code !== '23505')).toEqual([])
    },
    timeoutMs,
  )
})
