/** Compaction beside ingests: several servers on one Postgres, all of which push, replay, seal and prune at once. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '@/lib/sync/core/ids'
import { audienceLocks, lockPlan } from '@/lib/sync/core/replay-set'
import type { Store } from '@/lib/sync/store/driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { takeLocks } from '@/lib/sync/store/server/limits'
import { keepPruned } from '@/tests/sim/sql/look'
import { createTestDatabase, type TestDatabase } from '@/tests/support/postgres'
import { type Authority, clubOf, createAuthority, createClient, emptyClubs, look, type RawClient } from './authority'
import { createBarrier, until } from './barrier'
import { installClub } from './club'
import { addMember, copyCounter, foundClub, takeSeat, turnCounter } from './club-actions'
import { expectOracle } from './oracle'

/** Seconds here are months elsewhere. */
const options = { retention: { lateWindowMs: 2_000, keptHistoryMs: 3_000, entriesMax: 20 }, outboxRetentionMs: 0 }

let databases: TestDatabase[]
let stores: Store[]
let scratch: Store
let servers: Authority[]
let clubs: string[]

beforeAll(async () => {
  databases = [await createTestDatabase(), await createTestDatabase()]
  stores = Array.from({ length: 3 }, () => createPostgresStore(databases[0]!.url, { connectionsMax: 6 }))
  scratch = createPostgresStore(databases[1]!.url, { connectionsMax: 2 })
  await installClub(stores[0]!)
  await installClub(scratch)
  await stores[0]!.transaction((sql) => sql.exec(keepPruned))
})
afterAll(async () => {
  for (const store of [...stores, scratch]) await store.close()
  for (const database of databases) await database.drop()
})
beforeEach(async () => {
  await emptyClubs(stores[0]!)
  await stores[0]!.transaction((sql) => sql.exec('truncate sync.pruned_actions, sync.pruned_log'))
  servers = stores.map((store) => createAuthority(store, options))
  const ann = createClient(servers[0]!, 'ann')
  const foundings = ['one', 'two', 'three'].map((name, at) => ann.make(foundClub, { name }, { at: -9_000 + at }))
  clubs = foundings.map(({ id }) => clubOf(id))
  const members = clubs.map((clubId, at) => ann.make(addMember, { clubId, userId: 'ben' }, { at: -8_000 + at }))
  await ann.push(...foundings, ...members)
})

/** The oracle runs what was pruned as well. */
async function expectAsIfNothingWasPruned(): Promise<void> {
  const store = stores[0]!
  await store.transaction((sql) => sql.exec('insert into sync.actions select * from sync.pruned_actions'))
  await expectOracle(store, scratch)
}

describe('compaction beside ingests', () => {
  it('[HOR-1, ING-1] sealing waits for whoever works in the audience, and nobody else waits for it', async () => {
    const [store, other] = [stores[0]!, stores[1]!]
    const [server, second] = [servers[0]!, servers[1]!]
    const isHeld = createBarrier(2)
    const mayEnd = createBarrier(2)
    const working = store.transaction(async (sql) => {
      await takeLocks(sql, audienceLocks([`club:${clubs[0]}`]))
      await isHeld.arrive()
      await mayEnd.arrive()
    })
    await isHeld.arrive()
    server.time.ms += 60_000
    second.time.ms += 60_000
    let isDone = false
    const compacting = server.server.compact().then((compacted) => {
      isDone = true
      return compacted
    })
    // Until its statement waits for a lock, and then for a reader that is not concerned.
    const waits = () =>
      other.transaction((sql) => sql.rows("select 1 from pg_locks where locktype = 'advisory' and not granted"))
    await until('compaction waits for the lock', async () => (await waits()).length > 0)
    expect(isDone).toBe(false)
    await createClient(second, 'cleo').read()
    expect(isDone).toBe(false)
    await mayEnd.arrive()
    await working
    expect((await compacting).sealed).toBeGreaterThan(0)
  })

  it('[HOR-1, DEP-1] a deploy that seals waits for all of them, and compaction for it', async () => {
    const isHeld = createBarrier(2)
    const mayEnd = createBarrier(2)
    const deploying = stores[0]!.transaction(async (sql) => {
      await takeLocks(sql, lockPlan([], true))
      await isHeld.arrive()
      await mayEnd.arrive()
    })
    await isHeld.arrive()
    servers[1]!.time.ms += 60_000
    const compacting = servers[1]!.server.compact()
    const waits = () =>
      stores[2]!.transaction((sql) => sql.rows("select 1 from pg_locks where locktype = 'advisory' and not granted"))
    while ((await waits()).length === 0);
    await mayEnd.arrive()
    await deploying
    expect(await compacting).toMatchObject({ isDone: true })
  })

  it.each(['compaction 1', 'compaction 2', 'compaction 3'])(
    '[HOR-1, HLC-4, ORA-1] %s: pushes of all ages on three servers, and all of them compact',
    async (seed) => {
      const random = seededRandom(seed)
      const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
      const clients = Array.from({ length: 9 }, (_, index) =>
        createClient(servers[index % 3]!, index % 2 === 0 ? 'ann' : 'ben'),
      )
      const restamped: boolean[] = []
      const push = async (client: RawClient, nowMs: number) => {
        const [clubId, from, by] = [pick(clubs), pick(clubs), Math.floor(random() * 100)]
        const making = { at: nowMs - Math.floor(random() * 5_000), counter: Math.floor(random() * 60_000) }
        const action = pick([
          () => client.make(turnCounter, { clubId, by }, making),
          () => client.make(takeSeat, { clubId, place: by }, making),
          () => client.make(copyCounter, { from, to: clubId }, making),
        ])()
        const receipts = await client.push(action)
        restamped.push(receipts.some((receipt) => receipt.restamped))
      }
      let gone = 0
      for (let round = 1; round <= 25; round += 1) {
        for (const server of servers) server.time.ms += 400
        const chosen = [0, 3, 6].map((first) => clients[first + Math.floor(random() * 3)]!)
        const pushes = chosen.map((client) => push(client, round * 400))
        const compacting = pick(servers).server.compact()
        await Promise.all([...pushes, compacting])
        gone += (await compacting).actions
      }
      const late = servers
        .flatMap(({ events }) => events)
        .filter((event) => event.kind === 'ingest' && event.path === 'late')
      expect(gone, seed).toBeGreaterThan(10)
      expect(late.length, seed).toBeGreaterThan(3)
      expect(restamped.filter(Boolean).length, seed).toBeGreaterThan(3)
      expect((await look(servers[0]!, 'select 1 from sync.log')).length, seed).toBeLessThan(130)
      await expectAsIfNothingWasPruned()
    },
    60_000,
  )
})
