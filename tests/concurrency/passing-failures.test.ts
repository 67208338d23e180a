/**
 * Failures that pass by themselves, each from a real Postgres and none made up: deadlocks with a rival session,
 * serialization failures, lock timeouts, backends that are terminated. None may become an outcome (ING-6, FM-74).
 */
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lockPlan } from '@/lib/sync/core/replay-set'
import { SqlError, type Store } from '@/lib/sync/store/driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { createTestDatabase, type TestDatabase } from '@/tests/support/postgres'
import { type Authority, clubOf, createAuthority, createClient, emptyClubs, look, type RawClient } from './authority'
import { until } from './barrier'
import { installClub } from './club'
import { foundClub, takeSeat, turnCounter } from './club-actions'
import { lockStatement, logStatement, type Watcher, watchedStore } from './faulty-store'
import { expectConsistent } from './oracle'

const served = 'served by beamline'
let databases: TestDatabase[]
let store: Store
let scratch: Store
let servedStore: Store
let authority: Authority
let ann: RawClient
let clubId: string
let watch: Watcher
let rival: postgres.ReservedSql
let rivals: postgres.Sql

function urlWith(settings: Record<string, string>): string {
  const url = new URL(databases[0]!.url)
  for (const [name, value] of Object.entries(settings)) url.searchParams.set(name, value)
  return url.href
}

beforeAll(async () => {
  databases = [await createTestDatabase(), await createTestDatabase()]
  store = createPostgresStore(databases[0]!.url, { connectionsMax: 2 })
  scratch = createPostgresStore(databases[1]!.url, { connectionsMax: 2 })
  servedStore = createPostgresStore(urlWith({ application_name: served, lock_timeout: '4000' }), { connectionsMax: 2 })
  rivals = postgres(databases[0]!.url, { max: 1, onnotice: () => undefined })
  await installClub(store)
  await installClub(scratch)
})
afterAll(async () => {
  await Promise.all([store, scratch, servedStore].map((each) => each.close()))
  await rivals.end()
  for (const each of databases) await each.drop()
})
beforeEach(async () => {
  await emptyClubs(store)
  watch = () => undefined
  authority = createAuthority(watchedStore(servedStore, (statement, parameters) => watch(statement, parameters)))
  ann = createClient(authority, 'ann')
  const founding = ann.make(foundClub, { name: 'one' }, { at: -90_000 })
  clubId = clubOf(founding.id)
  await ann.push(founding)
  rival = await rivals.reserve()
})
afterEach(async () => {
  await rival.unsafe('rollback')
  rival.release()
})

const retried = () =>
  authority.events.flatMap((event) => (event.kind === 'retry' && event.error instanceof SqlError ? [event.error] : []))
const codes = () => retried().map(({ code }) => code)

/** Two actions with one of them in the middle of the trouble, and a neighbour. */
async function pushTwo() {
  const [turn, seat] = [
    ann.make(turnCounter, { clubId, by: 3 }, { at: 0 }),
    ann.make(takeSeat, { clubId, place: 1 }, { at: 1 }),
  ]
  return { actions: [turn, seat], receipts: await ann.push(turn, seat) }
}

/** Both applied, once, in every table and every log; and a repeat is answered from what is stored. */
async function expectOnce({ actions, receipts }: Awaited<ReturnType<typeof pushTwo>>): Promise<void> {
  expect(receipts.map(({ status, restamped, revision }) => [status, restamped, revision])).toEqual([
    ['applied', false, 1],
    ['applied', false, 1],
  ])
  expect(await look({ store }, 'select total::int from counters')).toEqual([{ total: 3 }])
  expect(await ann.push(...actions)).toEqual(receipts)
  await expectConsistent(store, scratch)
}

const waits = (kind: 'advisory' | 'transactionid' | 'tuple') => async () =>
  (
    await look(
      { store },
      `select 1 as one from pg_stat_activity where application_name = '${served}' and wait_event = '${kind}'`,
    )
  ).length > 0

/** The key of the advisory lock of the club: what an ingest that writes there locks, and one that does not, not. */
function clubLock(): string {
  const keysOf = (writes: readonly string[]) =>
    lockPlan([{ id: '', clock: '', author: 'nobody', writes, reads: [] }], false).locks.map(({ key }) => key)
  const others = keysOf([])
  return keysOf([`club:${clubId}`]).find((key) => !others.includes(key)) ?? ''
}

describe('a deadlock with a session that holds the locks the other way round', () => {
  it.each([
    ['in a statement of an action', 'select * from counters for update'],
    ['where the heads are saved', 'select * from sync.audiences for update'],
  ])('[ING-6, FM-74] is tried again %s, and never an outcome', async (_, first) => {
    await rival.unsafe('begin')
    await rival.unsafe(first)
    const pushing = pushTwo()
    // The ingest began to wait first, so it is the one whose patience ends first, and that Postgres cancels.
    await until('the ingest waits for a row of the rival', waits('transactionid'))
    await rival.unsafe('select pg_advisory_xact_lock($1::bigint)', [clubLock()])
    await rival.unsafe('rollback')
    const pushed = await pushing
    expect(codes()).toEqual(['40P01'])
    await expectOnce(pushed)
  })
})

describe('locks that are not given in time', () => {
  it('[ING-6, FM-74] are asked for again', async () => {
    const impatient = createPostgresStore(urlWith({ application_name: served, lock_timeout: '100' }), {
      connectionsMax: 2,
    })
    authority = createAuthority(impatient, {
      // The rival goes when the ingest has given up twice.
      pause: async () => {
        if (codes().length === 2) await rival.unsafe('rollback')
      },
    })
    ann = createClient(authority, 'ann', ann.clientId)
    const founding = ann.make(foundClub, { name: 'another' }, { at: -80_000, ordinal: 2 })
    await ann.push(founding)
    await rival.unsafe('begin')
    await rival.unsafe('select pg_advisory_xact_lock($1::bigint)', [clubLock()])
    const pushed = await pushTwo()
    expect(codes()).toEqual(['55P03', '55P03'])
    expect(retried().every(({ statement }) => statement.includes(lockStatement))).toBe(true)
    expect(pushed.receipts.map(({ status }) => status)).toEqual(['applied', 'applied'])
    await expectConsistent(store, scratch)
    await impatient.close()
  })
})

describe('a serialization failure', () => {
  /** The server itself raises it, the first `times` times: a sequence does not roll back. */
  async function raiseAt(table: string, times: number): Promise<void> {
    await rival.unsafe(`
      create sequence public.raised;
      create function public.raise_some() returns trigger language plpgsql security definer set search_path = '' as $$
      begin
        if nextval('public.raised') <= ${times} then
          raise exception 'could not serialize access due to concurrent update' using errcode = '40001';
        end if;
        return new;
      end $$;
      create trigger raise_some before insert or update on ${table} for each row execute function public.raise_some()`)
  }
  afterEach(() => rival.unsafe('drop function public.raise_some() cascade; drop sequence public.raised'))

  it.each([
    ['in a statement of an action', 'public.counters'],
    ['where actions are written down', 'sync.actions'],
    ['where the log is written', 'sync.log'],
  ])('[ING-6, FM-74] %s is tried again, and never an outcome', async (_, table) => {
    await raiseAt(table, 2)
    const pushed = await pushTwo()
    expect(codes()).toEqual(['40001', '40001'])
    await expectOnce(pushed)
  })

  it('[ING-6, FM-74] that does not end fails the push without an outcome; the next push is taken', async () => {
    await raiseAt('sync.log', 7)
    const actions = [
      ann.make(turnCounter, { clubId, by: 3 }, { at: 0 }),
      ann.make(takeSeat, { clubId, place: 1 }, { at: 1 }),
    ]
    await expect(ann.push(...actions)).rejects.toMatchObject({ code: '40001' })
    expect(await look({ store }, `select id from sync.ids where receipt ->> 'name' <> 'club.found'`)).toEqual([])
    await expectOnce({ actions, receipts: await ann.push(...actions) })
  })
})

describe('a backend that is terminated', () => {
  it.each([
    ['before the locks', lockStatement],
    ['when an action begins', 'savepoint action'],
    ['inside an action', 'update "counters"'],
    ['before actions are written down', 'insert into sync.actions'],
    ['before the log is written', logStatement],
    ['before the heads are saved', 'insert into sync.audiences'],
  ])('[ING-6, FM-74] %s is replaced, and the push applied once', async (_, text) => {
    let isCut = false
    watch = async (statement) => {
      if (isCut || !statement.includes(text)) return
      isCut = true
      const busy = `application_name = '${served}' and state = 'idle in transaction'`
      await rival.unsafe(`select pg_terminate_backend(pid) from pg_stat_activity where ${busy}`)
      await until('the backend is gone', async () => {
        const [row] = await rival.unsafe(`select count(*)::int as left from pg_stat_activity where ${busy}`)
        return row?.left === 0
      })
    }
    const pushed = await pushTwo()
    expect(isCut).toBe(true)
    // Once as a rule; the pool may hand out a connection once more before it knows that it is broken.
    expect(codes().length).toBeGreaterThan(0)
    expect(codes().filter((code) => !/^(08|57P)/.test(code))).toEqual([])
    await expectOnce(pushed)
  })
})
