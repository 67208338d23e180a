/**
 * What must be true of a server's database at rest, computed the slow and obvious way: all accepted actions in replay
 * order on an empty database (ORA-1), every log folded from nothing, everything rolled back to nothing.
 */
import { expect } from 'vitest'
import { allNamed } from '@/lib/sync/core/audience'
import { effectOf } from '@/lib/sync/core/effect'
import { rowId } from '@/lib/sync/core/images'
import type { Receipt, RowChange } from '@/lib/sync/core/protocol'
import { enterEngine, settleConstraints } from '@/lib/sync/store/action-context'
import { readCatalog } from '@/lib/sync/store/catalog'
import type { Sql, Store } from '@/lib/sync/store/driver'
import { createRegistry, namedAudiences, resolveAction } from '@/lib/sync/store/resolve-action'
import { rollBack } from '@/lib/sync/store/roll-back'
import { runAction } from '@/lib/sync/store/run-action'
import { audienceRows } from '@/lib/sync/store/set-rows'
import { emptyClubs, tablesOf } from './authority'
import { clubModel } from './club'
import { clubActions } from './club-actions'

interface AcceptedRow {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly input: string
  readonly author: string
  readonly clock: string
  readonly status: string
  readonly reason: string | null
  readonly effect: string | null
}

const registry = createRegistry(clubActions)
const bytewise = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)

/** All of it. `scratch` is a database of the same application; what is in it is lost. */
export async function expectConsistent(store: Store, scratch: Store): Promise<void> {
  await expectOracle(store, scratch)
  await expectLogs(store)
  await expectReceipts(store)
  await expectNothingLeftAfterRollBack(store)
}

/** [ORA-1] Rows, and what became of each action, equal running them one after another. */
export async function expectOracle(store: Store, scratch: Store): Promise<void> {
  const accepted = await read<AcceptedRow>(store, 'select * from sync.actions')
  accepted.sort((left, right) => bytewise(left.clock, right.clock) || bytewise(left.id, right.id))
  await emptyClubs(scratch)
  const outcomes = await scratch.transaction(async (sql) => {
    const found: unknown[] = []
    for (const action of accepted) found.push(await runOne(sql, action))
    return found
  })
  expect(await tablesOf(store)).toEqual(await tablesOf(scratch))
  expect(accepted.map(({ id, name, status, reason, effect }) => ({ id, name, status, reason, effect }))).toEqual(
    outcomes,
  )
}

async function runOne(sql: Sql, action: AcceptedRow) {
  const { id, name } = action
  const resolved = resolveAction(registry, { ...action, input: JSON.parse(action.input) as unknown })
  if (resolved.kind !== 'known') throw new Error(`${name} was accepted and cannot run: ${resolved.kind}`)
  const { definition, input } = resolved
  const audiences = namedAudiences(definition, input, action)
  for (const audience of allNamed(audiences)) {
    if (audiences.founded.includes(audience) || audience === 'public' || audience === `user:${action.author}`) continue
    const held = await sql.query('select 1 from members where user_id = $1 and audience = $2', [
      action.author,
      audience,
    ])
    if (held.length === 0) return { id, name, status: 'rejected', reason: 'authority', effect: null }
  }
  const catalog = await readCatalog(sql, clubModel.tables)
  await sql.exec('set constraints all deferred')
  const outcome = await runAction(sql, { catalog, definition, input, record: action, audiences })
  return outcome.kind === 'applied'
    ? {
        id,
        name,
        status: 'applied',
        reason: null,
        effect: effectOf(outcome.patches, catalog.isExactNumber, action.clock),
      }
    : { id, name, status: 'rejected', reason: outcome.reason, effect: null }
}

interface LogRow {
  readonly audience: string
  readonly seq: string
  readonly token: string
  readonly previous_token: string
  readonly stamp: string
  readonly ingest: string
  readonly changes: string
}

/** [ING-5] Each log is dense, chained and stamped in order, and folds to exactly the rows of its audience. */
export async function expectLogs(store: Store): Promise<void> {
  const entries = await read<LogRow>(store, 'select * from sync.log order by audience, seq')
  const byAudience = new Map<string, LogRow[]>()
  for (const entry of entries) byAudience.set(entry.audience, [...(byAudience.get(entry.audience) ?? []), entry])
  const heads = await read<{ audience: string; head: string; head_token: string }>(
    store,
    'select * from sync.audiences',
  )
  for (const [audience, log] of byAudience) {
    expect(log.map(({ seq }) => Number(seq))).toEqual(log.map((_, index) => index + 1))
    expect(log.map(({ previous_token }) => previous_token)).toEqual(['', ...log.slice(0, -1).map(({ token }) => token)])
    for (const [index, entry] of log.entries()) {
      const before = log[index - 1]
      if (!before) continue
      const isSameIngest = before.ingest === entry.ingest
      expect(Number(entry.stamp) - Number(before.stamp) > 0).toBe(!isSameIngest)
    }
    const head = heads.find((each) => each.audience === audience)
    expect([Number(head?.head), head?.head_token]).toEqual([log.length, log.at(-1)?.token])
  }
  await store.transaction(async (sql) => {
    const catalog = await readCatalog(sql, clubModel.tables)
    const inRows = await sql.query<{ audience: string }>(
      clubModel.tables.map((table) => `select audience from ${table}`).join(' union '),
    )
    for (const audience of new Set([...byAudience.keys(), ...inRows.map((row) => row.audience)])) {
      const folded = fold(byAudience.get(audience) ?? [])
      const rows = await audienceRows(sql, catalog, audience)
      expect(folded, audience).toEqual(new Map(rows.map((row) => [rowId(row), row.image])))
    }
  })
}

function fold(log: readonly LogRow[]): Map<string, unknown> {
  const rows = new Map<string, unknown>()
  for (const { changes } of log) {
    for (const change of JSON.parse(changes) as RowChange[]) {
      if (change.image === null) rows.delete(rowId(change))
      else rows.set(rowId(change), change.image)
    }
  }
  return rows
}

/** [ING-4] What an author reads is what history says, and the private log told the last word of it. */
export async function expectReceipts(store: Store): Promise<void> {
  const kept = await read<{
    id: string
    author: string
    receipt: string
    status: string | null
    reason: string | null
  }>(
    store,
    'select i.id, i.author, i.receipt, a.status, a.reason from sync.ids i left join sync.actions a on a.id = i.id',
  )
  const told = new Map<string, Receipt>()
  const entries = await read<{ audience: string; receipts: string }>(
    store,
    'select audience, receipts from sync.log order by audience, seq',
  )
  for (const { audience, receipts } of entries) {
    for (const receipt of JSON.parse(receipts) as Receipt[]) told.set(`${audience} ${receipt.actionId}`, receipt)
  }
  for (const { id, author, receipt, status, reason } of kept) {
    const own = JSON.parse(receipt) as Receipt
    expect([own.status, own.reason]).toEqual(status === null ? ['refused', own.reason] : [status, reason])
    expect(told.get(`user:${author} ${id}`)).toEqual(own)
  }
}

class Enough extends Error {}

/** [ROL-1] The patches are the whole way back to an empty database. */
export async function expectNothingLeftAfterRollBack(store: Store): Promise<void> {
  let left: unknown = null
  const attempt = store.transaction(async (sql) => {
    const catalog = await readCatalog(sql, clubModel.tables)
    await enterEngine(sql)
    await rollBack(sql, catalog, 'all')
    await settleConstraints(sql)
    left = await sql.rows(
      clubModel.tables.map((table) => `select '${table}', t::text from ${table} t`).join(' union all '),
    )
    throw new Enough()
  })
  await expect(attempt).rejects.toBeInstanceOf(Enough)
  expect(left).toEqual([])
}

function read<Row extends object>(store: Store, text: string): Promise<Row[]> {
  return store.transaction((sql) => sql.query<Row>(text))
}
