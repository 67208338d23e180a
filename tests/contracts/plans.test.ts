/**
 * A busy server is asked by thousands of devices that have everything already. What they ask must cost the same after a
 * year as on the first day: no statement of theirs may read the engine's tables from end to end (ING-7).
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeClock } from '@/lib/sync/core/hlc'
import type { ExchangeAnswer, OfferedAction } from '@/lib/sync/core/protocol'
import { createSyncServer, type SyncServer } from '@/lib/sync/server/authority'
import type { Sql, SqlParameter, Store } from '@/lib/sync/store/driver'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { everyAction } from '../sim/app/actions'
import { foundRoom } from '../sim/app/room-actions'
import { simModel } from '../sim/app/sql'
import { openSimulated } from '../sim/app/stage'
import { type OpenStore, postgresDriver } from './stores'

const nowMs = Date.UTC(2031, 5, 1, 12)
/** Of a year: in the log of the room and beside it, in history, and audiences of other people. */
const sizes = { log: 40_000, history: 60_000, audiences: 20_000 }

interface Asked {
  readonly statement: string
  readonly parameters: readonly SqlParameter[]
}

let open: OpenStore
let server: SyncServer
let asked: Asked[] = []
let room = ''
const clientId = randomUUID()

/** Remembers every statement of the server. */
function listening(store: Store): Store {
  const heard = (sql: Sql): Sql => ({
    ...sql,
    query: (statement, parameters = []) => {
      asked.push({ statement, parameters })
      return sql.query(statement, parameters)
    },
    rows: (statement, parameters = []) => {
      asked.push({ statement, parameters })
      return sql.rows(statement, parameters)
    },
  })
  return { ...store, transaction: (work, options) => store.transaction((sql) => work(heard(sql)), options) }
}

beforeAll(async () => {
  open = await openSimulated(postgresDriver)
  server = createSyncServer({
    ...{ store: createServerStore(listening(open.store), simModel), actions: everyAction, model: simModel },
    // A build that is compared, as in production.
    ...{ build: '1764150000000', schema: 'tables', newId: randomUUID, now: () => nowMs, random: () => 0.5 },
    pause: async () => undefined,
  })
  await server.runAction(foundRoom, { title: 'Busy', guests: [] }, { as: 'ann' })
  await ageByAYear()
}, 120_000)
afterAll(() => open.close())

async function ageByAYear(): Promise<void> {
  await open.store.transaction(async (sql) => {
    const [row] = await sql.rows("select audience from public.members where user_id = 'ann'")
    room = String(row?.[0])
    const clock = `lpad(to_hex(${nowMs - 1_000_000} + n), 12, '0') || '-0000-' || '${clientId}'`
    await sql.rows(
      `insert into sync.log (audience, seq, token, previous_token, stamp, place, ingest, kind)
       select $1, a.head + n, 't' || n, 't' || (n - 1), a.last_stamp + n, 0, gen_random_uuid(), 'correction'
       from sync.audiences a, generate_series(1, $2::int) n where a.audience = $1`,
      [room, sizes.log],
    )
    await sql.rows(
      `update sync.audiences set head = head + $2::int, head_token = 't' || $2::int, last_stamp = last_stamp + $2::int
       where audience = $1`,
      [room, sizes.log],
    )
    await sql.rows(
      `insert into sync.audiences (audience, head) select 'room:' || gen_random_uuid(), 9 from generate_series(1, $1::int)`,
      [sizes.audiences],
    )
    await sql.rows(
      `with made as (
         insert into sync.ids (id, hash, author, client_id, ordinal, revision, receipt)
         select gen_random_uuid(), 'h', case n % 3 when 0 then 'ann' else 'user ' || n % 500 end, gen_random_uuid(), n, 1,
           jsonb_build_object('clock', ${clock}, 'positions', '{}'::jsonb) from generate_series(1, $2::int) n returning id, author, ordinal)
       insert into sync.actions (id, name, version, input, author, client_id, ordinal, clock, writes, reads, status)
       select id, 'counter.add', 2, '{}', author, gen_random_uuid(), n,
         ${clock}, jsonb_build_array($1::text), '[]', 'rejected' from (select *, ordinal as n from made) m`,
      [room, sizes.history],
    )
    await sql.rows(
      `insert into sync.patches (action_id, table_name, row_key) select id, 'items', '[]' from sync.actions`,
    )
  })
  // The planner knows the sizes.
  await open.store.transaction((sql) =>
    sql.exec(
      'analyze sync.log; analyze sync.audiences; analyze sync.ids; analyze sync.actions; analyze sync.patches; analyze sync.clients; analyze sync.grants; analyze sync.meta',
    ),
  )
}

const exchanging = (cursors: readonly object[], actions: readonly OfferedAction[] = []) =>
  server.exchange('ann', {
    ...{ protocol: 1, clientId, build: 'b', schema: 'tables', epoch: null, lastConfirmed: null, digests: [] },
    ...{ cursors, actions },
  })
const cursorsOf = (answer: ExchangeAnswer) =>
  answer.kind === 'sync' ? answer.snapshots.map(({ audience, seq, token }) => ({ audience, seq, token })) : []

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows'?: number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly PlanNode[]
}

const large = new Set(['log', 'audiences', 'ids', 'actions', 'patches'])

/** Statements that read a large table from end to end, or very much of it. */
async function slowOnes(statements: readonly Asked[]): Promise<string[]> {
  const different = new Map(statements.map((one) => [one.statement, one]))
  const slow: string[] = []
  for (const { statement, parameters } of different.values()) {
    if (!/^\s*(select|with|insert|update|delete)/i.test(statement) || /advisory|set_config/.test(statement)) continue
    const isReading = /^\s*select/i.test(statement)
    await open.store.transaction(async (sql) => {
      const [row] = await sql.rows(`explain (format json${isReading ? ', analyze' : ''}) ${statement}`, parameters)
      const [plan] = JSON.parse(String(row?.[0])) as { Plan: PlanNode }[]
      for (const node of nodesOf(plan?.Plan)) {
        if (!large.has(node['Relation Name'] ?? '')) continue
        const touched = (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)
        if (node['Node Type'] === 'Seq Scan' || touched > 2_000) slow.push(`${node['Node Type']}: ${statement}`)
      }
    })
  }
  return slow
}

function nodesOf(node: PlanNode | undefined): PlanNode[] {
  return node ? [node, ...(node.Plans ?? []).flatMap(nodesOf)] : []
}

const add = (ordinal: number, ms: number): OfferedAction => ({
  ...{ id: randomUUID(), name: 'counter.add', version: 2, ordinal, wasConfirmed: false },
  input: { room, by: 1, times: 1 },
  clock: encodeClock({ ms, counter: ordinal, clientId }),
})

describe('after a year, on Postgres', () => {
  it('[ING-7] an exchange of somebody who has everything reads by index only', async () => {
    const cursors = cursorsOf(await exchanging([]))
    expect(cursors.map(({ audience }) => audience)).toContain(room)
    asked = []
    const answer = await exchanging(cursors)
    expect(answer).toMatchObject({ kind: 'sync', entries: [], snapshots: [], more: false })
    expect(asked.length).toBeGreaterThan(5)
    expect(await slowOnes(asked)).toEqual([])
  })

  it('[ING-7, SNAP-1] nor does a first one, with snapshots and the latest receipts', async () => {
    asked = []
    await exchanging([])
    expect(asked.some(({ statement }) => statement.includes("receipt ->> 'clock'"))).toBe(true)
    expect(await slowOnes(asked)).toEqual([])
  })

  it('[ING-7] a push that is on time, and the entries it makes for others', async () => {
    const cursors = cursorsOf(await exchanging([]))
    asked = []
    const pushed = await exchanging(cursors, [add(1, nowMs + 5), add(2, nowMs + 6)])
    expect(pushed).toMatchObject({ kind: 'sync', receipts: [{ status: 'applied' }, { status: 'applied' }] })
    expect(pushed.kind === 'sync' && pushed.entries.length).toBeGreaterThan(1)
    expect(await slowOnes(asked)).toEqual([])
  })

  it('[ING-7, HOR-1] compaction of what is not due looks at one entry per audience', async () => {
    asked = []
    expect(await server.compact()).toMatchObject({ entries: 0, actions: 0, isDone: true })
    const perPage = asked.filter(({ statement }) => statement.includes('is_sealed'))
    expect(perPage.length).toBeGreaterThan(sizes.audiences / 50)
    // Where nothing is too old, finding that out must not read all of history either.
    expect(await slowOnes(asked)).toEqual([])
  })

  it('[ING-7, ING-3] work of long ago on a quiet project, while others filled history: only what it concerns is read', async () => {
    await server.runAction(foundRoom, { title: 'Quiet', guests: [] }, { as: 'zoe' })
    const quiet = await open.store.transaction(async (sql) => {
      const [row] = await sql.rows("select audience from public.members where user_id = 'zoe'")
      // As if it had been founded before all that.
      await sql.exec("update sync.actions set clock = '000' || substr(clock, 4) where author = 'zoe'")
      await sql.exec("update sync.audiences set max_clock = '' where audience like 'room:%'")
      return String(row?.[0])
    })
    const zoe = randomUUID()
    const early = encodeClock({ ms: nowMs - 999_000, counter: 0, clientId: zoe })
    const offered = { ...add(1, nowMs), clock: early, input: { room: quiet, by: 1, times: 1 } }
    asked = []
    const answer = await server.exchange('zoe', {
      ...{ protocol: 1, clientId: zoe, build: 'b', schema: 'tables', epoch: null, lastConfirmed: null, digests: [] },
      ...{ cursors: [], actions: [offered] },
    })
    expect(answer).toMatchObject({ receipts: [{ status: 'applied', restamped: false }] })
    expect(asked.some(({ statement }) => statement.includes('?|'))).toBe(true)
    expect(await slowOnes(asked)).toEqual([])
  })
})
