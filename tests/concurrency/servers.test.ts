/** Several servers, each with connections of its own, on one Postgres that belongs to an ordinary owner. */
import { randomUUID } from 'node:crypto'
import { and, sql as drizzleSql, eq, gt } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type ActionDb, defineAction } from '@/lib/sync/action'
import type { SyncServerOptions } from '@/lib/sync/server/engine'
import type { Store } from '@/lib/sync/store/driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { createTestDatabase, type TestDatabase } from '@/tests/support/postgres'
import { type Authority, clubOf, createAuthority, createClient, emptyClubs, look, type RawClient } from './authority'
import { createBarrier } from './barrier'
import { counters, installClub } from './club'
import {
  addMember,
  carryThing,
  clubActions,
  copyCounter,
  countNotices,
  foundClub,
  makeThing,
  takeSeat,
  turnCounter,
} from './club-actions'
import { lockStatement, type Watcher, watchedStore } from './faulty-store'
import { expectConsistent } from './oracle'

let databases: TestDatabase[]
let stores: Store[]
let store: Store
let scratch: Store
let one: Authority
let two: Authority
let ann: RawClient
let clubIds: string[]
let watch: Watcher

beforeAll(async () => {
  databases = [await createTestDatabase(), await createTestDatabase()]
  const urls = databases.map(({ url }) => url)
  stores = [urls[0]!, urls[0]!, urls[0]!, urls[1]!].map((url) => createPostgresStore(url, { connectionsMax: 4 }))
  store = stores[0]!
  scratch = stores[3]!
  await installClub(store)
  await installClub(scratch)
})
afterAll(async () => {
  for (const each of stores) await each.close()
  for (const each of databases) await each.drop()
})
beforeEach(async () => {
  await emptyClubs(store)
  watch = () => undefined
  one = createServer(1)
  two = createServer(2)
  ann = createClient(createAuthority(store), 'ann')
  const foundings = ['one', 'two', 'three', 'four', 'five', 'six'].map((name, at) =>
    ann.make(foundClub, { name }, { at: -90_000 + at }),
  )
  clubIds = foundings.map(({ id }) => clubOf(id))
  await ann.push(
    ...foundings,
    ...clubIds.map((clubId, at) => ann.make(addMember, { clubId, userId: 'ben' }, { at: -80_000 + at })),
  )
})

/** A server of its own on the same database; the test of the moment watches its statements. */
function createServer(index: number, options: Partial<SyncServerOptions> = {}): Authority {
  const own = stores[index]!
  return createAuthority(
    watchedStore(own, (statement, parameters) => watch(statement, parameters)),
    options,
  )
}

const retries = () => [...one.events, ...two.events].filter(({ kind }) => kind === 'retry')
const club = (index: number) => clubIds[index]!

describe('two servers at once', () => {
  it('[ING-2, FM-04, FM-74] take the same push once, and both answer the same', async () => {
    const gate = createBarrier(2)
    watch = (statement) => (statement.includes(lockStatement) ? gate.arrive() : undefined)
    const turn = ann.make(turnCounter, { clubId: club(0), by: 3 }, { at: 0 })
    const answers = await Promise.all([one, two].map((server) => createClient(server, 'ann', ann.clientId).push(turn)))
    expect(gate.arrived).toBeGreaterThanOrEqual(2)
    expect(answers[0]).toEqual(answers[1])
    expect(await look({ store }, `select total::int from counters where total > 0`)).toEqual([{ total: 3 }])
    await expectConsistent(store, scratch)
  })

  it('[ING-2, AB-06] give an id that two users offer at once to one of them', async () => {
    const gate = createBarrier(2)
    watch = (statement) => (statement.includes(lockStatement) ? gate.arrive() : undefined)
    const id = randomUUID()
    const [byBen, byCat] = [createClient(one, 'ben'), createClient(two, 'cat')]
    const receipts = await Promise.all([
      byBen.push(byBen.make(foundClub, { name: 'of ben' }, { at: 0, id })),
      byCat.push(byCat.make(foundClub, { name: 'of cat' }, { at: 0, id })),
    ])
    expect(
      receipts
        .flat()
        .map(({ status, reason }) => reason ?? status)
        .sort(),
    ).toEqual(['applied', 'invalid-id'])
    await expectConsistent(store, scratch)
  })

  it('[ING-1, CX-20] never wait for each other in a circle, whichever way round they name their audiences', async () => {
    await ann.push(
      ...[0, 1, 2].map((index) => ann.make(makeThing, { clubId: club(index), label: 'x' }, { at: -70_000 + index })),
    )
    for (let round = 0; round < 8; round += 1) {
      const gate = createBarrier(2)
      watch = (statement) => (statement.includes(lockStatement) ? gate.arrive() : undefined)
      const [byAnn, byBen] = [createClient(one, 'ann'), createClient(two, 'ben')]
      const [from, to] = [club(round % 3), club((round + 1) % 3)]
      const at = -60_000 + (round % 2 === 0 ? round : -round) * 10
      await Promise.all([
        byAnn.push(
          byAnn.make(carryThing, { from, to }, { at }),
          byAnn.make(copyCounter, { from: to, to: from }, { at: at + 1 }),
        ),
        byBen.push(
          byBen.make(carryThing, { from: to, to: from }, { at: at + 2 }),
          byBen.make(copyCounter, { from, to }, { at: at + 3 }),
        ),
      ])
    }
    expect(retries()).toEqual([])
    await expectConsistent(store, scratch)
  })

  it('[ING-1, ING-5] may both read an audience nobody writes, early or late, without a number lost or given twice', async () => {
    const ben = createClient({ server: one.server }, 'ben')
    await ann.push(ann.make(turnCounter, { clubId: club(1), by: 1 }, { at: -10 }))
    await ben.push(ben.make(turnCounter, { clubId: club(2), by: 1 }, { at: -9 }))
    const gates = [createBarrier(2), createBarrier(2)]
    watch = (statement) => {
      if (statement.includes('insert into sync.log')) return gates[0]!.arrive()
      return statement.includes('insert into sync.audiences') ? gates[1]!.arrive() : undefined
    }
    const [byAnn, byBen] = [createClient(one, 'ann'), createClient(two, 'ben')]
    const receipts = await Promise.all([
      byAnn.push(
        byAnn.make(copyCounter, { from: club(0), to: club(1) }, { at: -50 }),
        byAnn.make(copyCounter, { from: club(3), to: club(1) }, { at: -49 }),
        byAnn.make(countNotices, { clubId: club(1) }, { at: -48 }),
      ),
      byBen.push(
        byBen.make(countNotices, { clubId: club(2) }, { at: -50 }),
        byBen.make(copyCounter, { from: club(3), to: club(2) }, { at: -49 }),
        byBen.make(copyCounter, { from: club(0), to: club(2) }, { at: -48 }),
      ),
    ])
    expect(receipts.flat().map(({ status }) => status)).toEqual(Array(6).fill('applied'))
    expect(retries()).toEqual([])
    expect([...one.events, ...two.events]).toContainEqual(expect.objectContaining({ kind: 'ingest', path: 'late' }))
    await expectConsistent(store, scratch)
  })
})

describe('history that grows while an ingest waits for its locks', () => {
  /** Before each of the first `times` locks of server one, server two lets a club join what is concerned. */
  function growing(times: number) {
    const plans: { exclusive: boolean }[][] = []
    const byBen = createClient(two, 'ben')
    watch = async (statement, parameters) => {
      if (!statement.includes(lockStatement)) return
      plans.push(JSON.parse(String(parameters[0])) as { exclusive: boolean }[])
      const turn = plans.length
      if (turn > times) return
      const before = watch
      watch = () => undefined
      await byBen.push(byBen.make(copyCounter, { from: club(turn - 1), to: club(turn) }, { at: -40 + turn }))
      watch = before
    }
    return plans
  }

  it('[ING-1] is looked at again under the locks, which are taken anew for all of it', async () => {
    await ann.push(ann.make(turnCounter, { clubId: club(0), by: 1 }, { at: -50 }))
    const plans = growing(1)
    const late = createClient(one, 'ann')
    await late.push(late.make(turnCounter, { clubId: club(0), by: 5 }, { at: -60 }))
    expect(plans.map((plan) => plan.length)).toEqual([3, 5])
    expect(await look({ store }, `select total::int from counters where name = 'copied'`)).toEqual([{ total: 11 }])
    await expectConsistent(store, scratch)
  })

  it('[ING-1, CX-20] and grows again and again is taken with the one lock that stands for all', async () => {
    await ann.push(ann.make(turnCounter, { clubId: club(0), by: 1 }, { at: -50 }))
    const plans = growing(4)
    const late = createClient(one, 'ann')
    await late.push(late.make(turnCounter, { clubId: club(0), by: 5 }, { at: -60 }))
    expect(plans).toHaveLength(4)
    expect(plans[3]?.map(({ exclusive }) => exclusive)).toEqual([true])
    await expectConsistent(store, scratch)
  })
})

describe('failures of a real server', () => {
  it('[ING-6, FM-74] a connection that is cut in the middle of an ingest is replaced, and the push applied once', async () => {
    let isCut = false
    watch = async (statement) => {
      if (isCut || !statement.includes('insert into sync.log')) return
      isCut = true
      await look(
        { store: stores[2]! },
        `select pg_terminate_backend(pid)::text from pg_stat_activity
         where datname = current_database() and state = 'idle in transaction' and pid <> pg_backend_pid()`,
      )
    }
    const client = createClient(one, 'ann')
    const [receipt] = await client.push(client.make(turnCounter, { clubId: club(0), by: 3 }, { at: 0 }))
    expect([isCut, receipt?.status]).toEqual([true, 'applied'])
    expect(one.events.filter(({ kind }) => kind === 'retry').length).toBeGreaterThan(0)
    await expectConsistent(store, scratch)
  })

  const burn = (db: ActionDb) => db.execute(drizzleSql`select count(*) from generate_series(1, 1000000000)`)
  const slow = defineAction({
    name: 'test.slow',
    version: 1,
    input: z.strictObject({ clubId: z.uuid() }),
    audiences: (input) => [`club:${input.clubId}`],
    run: async ({ db }) => void (await burn(db)),
  })
  /** Slow as soon as the counter was turned: so only when a late arrival makes it run again. */
  const slowLater = defineAction({
    ...slow,
    name: 'test.slowLater',
    async run({ db, input }) {
      const turned = and(eq(counters.audience, `club:${input.clubId}`), gt(counters.total, 0))
      if ((await db.select().from(counters).where(turned)).length > 0) await burn(db)
    },
  })
  const slowServer = () => createServer(1, { actions: [...clubActions, slow, slowLater], statementTimeoutMs: 120 })

  it.each([
    ['at the end of history', 10],
    ['as a late arrival', -70],
  ])(
    '[ING-6, FM-63, CX-21, CX-22] an action that takes too long %s is refused for good, and its neighbours go on',
    async (_, at) => {
      await ann.push(ann.make(turnCounter, { clubId: club(0), by: 1 }, { at: -50 }))
      const client = createClient(slowServer(), 'ann')
      const push = [
        client.make(takeSeat, { clubId: club(0), place: 1 }, { at }),
        client.make(slow, { clubId: club(0) }, { at: at + 1 }),
        client.make(takeSeat, { clubId: club(0), place: 2 }, { at: at + 2 }),
      ]
      const receipts = await client.push(...push)
      expect(receipts.map(({ status, reason }) => [status, reason])).toEqual([
        ['applied', null],
        ['refused', 'timeout'],
        ['applied', null],
      ])
      expect(await client.push(...push)).toEqual(receipts)
      await expectConsistent(store, scratch)
    },
  )

  it('[AUD-4, ING-6, CX-46] one that was confirmed before a reset and takes too long now is held, and nothing of it is stored', async () => {
    const client = createClient(slowServer(), 'ann')
    const lost = { ...client.make(slow, { clubId: club(0) }, { at: 0 }), wasConfirmed: true }
    const receipts = await client.push(lost, client.make(takeSeat, { clubId: club(0), place: 1 }, { at: 1 }))
    expect(new Map(receipts.map(({ actionId, status, reason }) => [actionId, [status, reason]])).get(lost.id)).toEqual([
      'held',
      'after-restore',
    ])
    expect(receipts.map(({ status }) => status).sort()).toEqual(['applied', 'held'])
    expect(await look({ store }, `select id from sync.ids where id = '${lost.id}'`)).toEqual([])
    await expectConsistent(store, scratch)
  })

  it('[ING-6, HLC-4, CX-23] an old action that takes too long now restamps the newcomers', async () => {
    const client = createClient(slowServer(), 'ann')
    await client.push(client.make(slowLater, { clubId: club(0) }, { at: -50 }))
    const late = createClient(slowServer(), 'ben')
    const [receipt] = await late.push(late.make(turnCounter, { clubId: club(0), by: 5 }, { at: -60 }))
    expect(receipt).toMatchObject({ status: 'applied', restamped: true })
    expect(await look({ store }, `select status from sync.actions where name = 'test.slowLater'`)).toEqual([
      { status: 'applied' },
    ])
  })

  it('[ING-6] the limit of an ingest does not stay with its connection', async () => {
    const single = createPostgresStore(databases[0]!.url, { connectionsMax: 1 })
    try {
      const server = createAuthority(single, { actions: [...clubActions, slow], statementTimeoutMs: 120 })
      const client = createClient(server, 'ann')
      await client.push(
        client.make(slow, { clubId: club(0) }, { at: 0 }),
        client.make(takeSeat, { clubId: club(0), place: 1 }, { at: 1 }),
      )
      expect(await look({ store: single }, 'show statement_timeout')).toEqual([{ statement_timeout: '0' }])
      expect(
        await look(
          { store: single },
          `select current_setting('role') as role, coalesce(current_setting('sync.mode', true), '') as mode`,
        ),
      ).toEqual([{ role: 'none', mode: '' }])
    } finally {
      await single.close()
    }
  })
})
