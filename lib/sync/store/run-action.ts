/**
 * Runs one action on an open transaction, under its author's row-level security, and tells what it did. The same code
 * runs previews on devices and canonical history on the server.
 */
import { ActionRejected, type AnyAction } from '../action'
import type { ActionAudiences } from '../core/audience'
import { type Clock, decodeClock } from '../core/hlc'
import { type ActionIds, actionIds, seededRandom } from '../core/ids'
import { type Patch, rowId } from '../core/images'
import { invariant } from '../core/invariant'
import { type Image, limits } from '../core/protocol'
import { enterAction, expectedTripwire, leaveAction } from './action-context'
import { type ActionStatements, createActionDb, createActionStatements, type SentStatement } from './action-db'
import { type Catalog, capturedTable } from './catalog'
import { type Sql, SqlError } from './driver'
import { compareRuns } from './run-twice'

export interface RunRequest {
  readonly catalog: Catalog
  readonly definition: AnyAction
  /** Parsed by the action's schema. */
  readonly input: unknown
  readonly record: { readonly id: string; readonly author: string; readonly clock: Clock }
  readonly audiences: ActionAudiences
  /** Development: run it twice more and compare, with shuffled rows (ACT-1). */
  readonly isCheckedTwice?: boolean
}

export type RunOutcome =
  | { readonly kind: 'applied'; readonly value: unknown; readonly patches: readonly Patch[] }
  | {
      readonly kind: 'rejected'
      readonly reason: string
      readonly details: Readonly<Record<string, unknown>> | null
      /** What was thrown, when it was not `reject()`: stays on this machine (ACT-3). */
      readonly error: Error | null
    }

/**
 * Inside a savepoint: identity, `run`, constraints, tripwire, inserted keys. Applied actions leave their patches in
 * `sync.patches`; rejected ones leave nothing. Throws for infrastructure only (lost connection, deadlock, timeout):
 * these are never outcomes (ING-6). The transaction must have deferred constraints.
 */
export async function runAction(sql: Sql, request: RunRequest): Promise<RunOutcome> {
  if (request.isCheckedTwice) {
    const difference = await compareRuns(sql, request, runOnce)
    if (difference) return { kind: 'rejected', reason: 'error', details: null, error: difference }
  }
  return runOnce(sql, request)
}

async function runOnce(sql: Sql, request: RunRequest, sent?: SentStatement[]): Promise<RunOutcome> {
  await sql.exec('savepoint action')
  try {
    const outcome = await runInSavepoint(sql, request, sent)
    await sql.exec('set constraints all immediate; set constraints all deferred; release savepoint action')
    return outcome
  } catch (error) {
    await sql.exec('rollback to savepoint action; release savepoint action')
    return asRejection(error)
  }
}

async function runInSavepoint(sql: Sql, request: RunRequest, sent?: SentStatement[]): Promise<RunOutcome> {
  const { record, definition, audiences, catalog } = request
  const identity = { actionId: record.id, author: record.author, audiences, role: catalog.role }
  const ids = actionIds(record.id)
  await enterAction(sql, identity)
  const statements = createActionStatements(sql)
  const value = await runToEnd(statements, () =>
    definition.run({
      db: createActionDb(statements, sent),
      input: request.input,
      id: (key?: string) => ids.id(key as string),
      now: new Date(decodeClock(record.clock).ms),
      random: seededRandom(record.id),
      user: { id: record.author },
    }),
  )
  // Sent at once: one round trip.
  const [tripwire, patches] = await Promise.all([leaveAction(sql), capturedPatches(sql, record.id)])
  invariant(tripwire === expectedTripwire(identity), 'AUD-7', [
    `Action "${definition.name}" changed who is acting`,
    tripwire,
  ])
  if (patches.length > limits.patchesPerActionMax) throw new ActionRejected('too-many-rows')
  refuseForeignKeys(catalog, patches, ids)
  return { kind: 'applied', value: value ?? null, patches }
}

async function capturedPatches(sql: Sql, actionId: string): Promise<Patch[]> {
  const rows = (await sql.rows(
    'select table_name, row_key, before, after from sync.patches where action_id = $1 order by ordinal',
    [actionId],
  )) as [string, string, string | null, string | null][]
  return rows.map(([table, key, before, after]) => ({ table, key, before: imageOf(before), after: imageOf(after) }))
}

function imageOf(text: string | null): Image | null {
  return text === null ? null : (JSON.parse(text) as Image)
}

/**
 * What `run` made of it, when no statement is left that could run later. An error of the database is the outcome although
 * `run` caught it, unless `run` said no for a reason of its own: after a connection is lost nobody's reason counts.
 */
async function runToEnd(statements: ActionStatements, run: () => Promise<unknown>): Promise<unknown> {
  let value: unknown
  try {
    value = await run()
  } catch (error) {
    await statements.end()
    throw isInfrastructure(statements.failure()) ? statements.failure() : error
  }
  await statements.end()
  if (statements.failure()) throw statements.failure()
  return value
}

/** An inserted single-column key must come from `id()`: it cannot collide with a row of another audience (ACT-2). */
function refuseForeignKeys(catalog: Catalog, patches: readonly Patch[], ids: ActionIds): void {
  const known = new Set<string>()
  for (const patch of patches) {
    const isInsert = patch.before === null && !known.has(rowId(patch))
    known.add(rowId(patch))
    if (!isInsert || capturedTable(catalog, patch.table).key.length > 1) continue
    const [key] = JSON.parse(patch.key) as string[]
    if (key !== undefined && ids.handedOut.has(key)) continue
    throw new Error(
      `${patch.table} got a row with key ${patch.key}, which id() of this action did not hand out: insert \`id: id()\` (ACT-2).`,
    )
  }
}

const insufficientPrivilege = '42501'

/** What a throw means (ACT-3). Infrastructure errors are thrown on. */
function asRejection(thrown: unknown): RunOutcome {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const cause = causeOf(error)
  if (cause instanceof ActionRejected) {
    return { kind: 'rejected', reason: cause.reason, details: cause.details, error: null }
  }
  if (isInfrastructure(cause) || cause.name === 'InvariantBroken') throw cause
  const isPolicy = cause instanceof SqlError && cause.code === insufficientPrivilege
  return { kind: 'rejected', reason: isPolicy ? 'not-allowed' : 'error', details: null, error: cause }
}

/** drizzle wraps what the driver threw. */
function causeOf(error: Error): Error {
  let inner = error
  while (!(inner instanceof SqlError || inner instanceof ActionRejected) && inner.cause instanceof Error)
    inner = inner.cause
  return inner
}

/** SQLSTATE classes that say nothing about the action: connection, resources, operator, system, rollback, engine bug. */
export function isInfrastructure(error: unknown): boolean {
  return error instanceof SqlError && /^(08|40|53|57|58|XX|55P03)/.test(error.code)
}

export function isTimeout(error: unknown): boolean {
  return error instanceof SqlError && error.code === '57014'
}
