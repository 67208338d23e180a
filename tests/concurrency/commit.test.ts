/** A connection that is lost during COMMIT: the server cannot know what became of it, and must tell the truth. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '@/lib/sync/store/driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { createTestDatabase, type TestDatabase } from '@/tests/support/postgres'
import { type Authority, clubOf, createAuthority, createClient, emptyClubs, look, type RawClient } from './authority'
import { until } from './barrier'
import { installClub } from './club'
import { foundClub, turnCounter } from './club-actions'
import { type CuttingProxy, createCuttingProxy } from './cutting-proxy'
import { logStatement } from './faulty-store'
import { expectConsistent } from './oracle'

let databases: TestDatabase[]
let store: Store
let scratch: Store
let proxy: CuttingProxy
let behindProxy: Store
let authority: Authority
let ann: RawClient
let clubId: string

beforeAll(async () => {
  databases = [await createTestDatabase(), await createTestDatabase()]
  store = createPostgresStore(databases[0]!.url, { connectionsMax: 3 })
  scratch = createPostgresStore(databases[1]!.url, { connectionsMax: 2 })
  await installClub(store)
  await installClub(scratch)
  proxy = await createCuttingProxy(databases[0]!.url)
  behindProxy = createPostgresStore(proxy.url, { connectionsMax: 3 })
})
afterAll(async () => {
  await Promise.all([store, scratch, behindProxy].map((each) => each.close()))
  await proxy.close()
  for (const each of databases) await each.drop()
})
beforeEach(async () => {
  await emptyClubs(store)
  authority = createAuthority(behindProxy)
  ann = createClient(authority, 'ann')
  const founding = ann.make(foundClub, { name: 'one' }, { at: -90_000 })
  clubId = clubOf(founding.id)
  await ann.push(founding)
})

const turn = (at: number) => ann.make(turnCounter, { clubId, by: 3 }, { at })
const retries = () => authority.events.flatMap((event) => (event.kind === 'retry' ? [event.error] : []))
const counted = () => look<{ total: number }>({ store }, 'select total::int from counters')

async function expectOnceAndTrue(receipt: unknown): Promise<void> {
  expect(receipt).toMatchObject({ status: 'applied', restamped: false, revision: 1 })
  expect(await counted()).toEqual([{ total: 3 }])
  const stored = await look<{ receipt: string }>(
    { store },
    `select receipt from sync.ids where receipt ->> 'name' = 'counter.turn'`,
  )
  expect(stored.map((row) => JSON.parse(row.receipt) as unknown)).toEqual([receipt])
  await expectConsistent(store, scratch)
}

describe('a connection cut during COMMIT', () => {
  it('[ING-6, FM-74] before COMMIT has reached Postgres: the push is taken again, once', async () => {
    const cut = proxy.cutAt('before-commit', logStatement)
    const [receipt] = await ann.push(turn(0))
    await cut
    expect(retries()).toHaveLength(1)
    // Twice run, once kept.
    expect(authority.events.filter(({ kind }) => kind === 'ingest')).toHaveLength(3)
    await expectOnceAndTrue(receipt)
  })

  it('[ING-6, ING-2, FM-04, FM-74] after COMMIT was carried out: what was committed is answered, and nothing runs again', async () => {
    const cut = proxy.cutAt('after-commit', logStatement)
    const [receipt] = await ann.push(turn(0))
    await cut
    expect(retries()).toHaveLength(1)
    const newcomers = authority.events.flatMap((event) => (event.kind === 'ingest' ? [event.newcomers.length] : []))
    expect(newcomers).toEqual([1, 1, 0])
    await expectOnceAndTrue(receipt)
  })

  it('[ING-6, ING-1, FM-74] and COMMIT arrives when the server has long begun again: the second turn finds the first', async () => {
    const cut = proxy.cutAt('late-commit', logStatement)
    const pushing = ann.push(turn(0))
    await cut
    expect(await counted()).toEqual([{ total: 0 }])
    // The second turn waits for the locks of the first one, of which nobody knows whether it lives.
    await until('the second turn waits for the first', async () => (await waitingForLocks()) === 1)
    proxy.deliver()
    const [receipt] = await pushing
    expect(retries()).toHaveLength(1)
    await expectOnceAndTrue(receipt)
  })

  it('[ING-2, ING-6, FM-04, FM-74] and the device asks another server meanwhile: both answer the same, once', async () => {
    const action = turn(0)
    const cut = proxy.cutAt('late-commit', logStatement)
    const pushing = ann.push(action)
    await cut
    const elsewhere = createClient(createAuthority(store), 'ann', ann.clientId).push(action)
    await until('both servers wait for the first turn', async () => (await waitingForLocks()) === 2)
    proxy.deliver()
    const [receipt] = await pushing
    expect(await elsewhere).toEqual([receipt])
    await expectOnceAndTrue(receipt)
  })

  it('[ING-6, FM-74] again and again: after a few turns the push fails without an outcome, and is taken the next time', async () => {
    const action = turn(0)
    const cutting = (async () => {
      for (let turns = 0; turns < 6; turns += 1) await proxy.cutAt('before-commit', logStatement)
    })()
    await expect(ann.push(action)).rejects.toMatchObject({ code: '08006' })
    await cutting
    expect(await look({ store }, `select id from sync.ids where receipt ->> 'name' = 'counter.turn'`)).toEqual([])
    const [receipt] = await ann.push(action)
    await expectOnceAndTrue(receipt)
  })
})

/** How many ingests stand before locks that somebody else has. */
async function waitingForLocks(): Promise<number> {
  const rows = await look(
    { store },
    `select 1 as one from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`,
  )
  return rows.length
}
