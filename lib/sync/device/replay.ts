/** Runs pending actions on top of canonical state, in ordinal order (REC-2). */
import { allNamed } from '../core/audience'
import { effectOf } from '../core/effect'
import type { Patch } from '../core/images'
import type { Sql } from '../store/driver'
import { missingAudiences } from '../store/held-audiences'
import { namedAudiences, resolveAction } from '../store/resolve-action'
import { type RunOutcome, runAction } from '../store/run-action'
import type { DeviceContext } from './context'
import { type PendingRow, type RunResult, saveRuns } from './pending'
import { shownRows } from './shown'

type Runnable = Pick<PendingRow, 'id' | 'name' | 'version' | 'input' | 'clock'>

/**
 * Runs all of them and notes what they did. One that throws stays pending without effect (REC-4): only the server says
 * what becomes of it. Must run in engine mode, with the provisional layer rolled back.
 */
export async function replay(context: DeviceContext, sql: Sql, rows: readonly Runnable[]): Promise<void> {
  const results: RunResult[] = []
  for (const row of rows) {
    const outcome = await runPending(context, sql, row)
    if (outcome.kind === 'rejected') {
      context.trace({ kind: 'replay-threw', actionId: row.id, reason: outcome.reason, error: outcome.error })
      results.push({ id: row.id, mayBeRejected: true, effect: null, shown: [] })
    } else {
      results.push({ id: row.id, mayBeRejected: false, ...previewOf(context, row, outcome.patches) })
    }
  }
  await saveRuns(sql, results)
}

export function previewOf(context: DeviceContext, row: Pick<Runnable, 'clock'>, patches: readonly Patch[]) {
  return { effect: effectOf(patches, context.catalog.isExactNumber, row.clock), shown: shownRows(patches) }
}

async function runPending(context: DeviceContext, sql: Sql, row: Runnable): Promise<RunOutcome> {
  const resolved = resolveAction(context.registry, { ...row, input: JSON.parse(row.input) })
  if (resolved.kind === 'unknown') return rejected('unknown-version')
  if (resolved.kind === 'invalid') return rejected('invalid-input')
  return runResolved(context, sql, { row, ...resolved })
}

export interface ResolvedRun {
  readonly row: Pick<Runnable, 'id' | 'clock'>
  readonly definition: Parameters<typeof namedAudiences>[0]
  readonly input: unknown
}

/** The author's authority as of now on this device, then the run. The server judges again (AUD-4). */
export async function runResolved(context: DeviceContext, sql: Sql, run: ResolvedRun): Promise<RunOutcome> {
  const { definition, input, row } = run
  const record = { id: row.id, author: context.userId, clock: row.clock }
  let audiences: ReturnType<typeof namedAudiences>
  try {
    audiences = namedAudiences(definition, input, record)
  } catch (error) {
    return rejected('error', error instanceof Error ? error : new Error(String(error)))
  }
  const founded = new Set(audiences.founded)
  const others = allNamed(audiences).filter((audience) => !founded.has(audience))
  const missing = await missingAudiences(sql, context.userId, others)
  if (missing.length > 0) return rejected('authority')
  const { catalog, isDevelopment } = context
  return runAction(sql, { catalog, definition, input, record, audiences, isCheckedTwice: isDevelopment })
}

function rejected(reason: string, error: Error | null = null): RunOutcome {
  return { kind: 'rejected', reason, details: null, error }
}
