/** Runs pending actions on top of canonical state, in ordinal order (REC-2). */
import { allNamed } from '../core/audience'
import { effectOf } from '../core/effect'
import type { Patch } from '../core/images'
import { shownRows } from '../core/shown'
import type { PendingRow, RunResult } from '../store/device/pending'
import type { DeviceTransaction } from '../store/device/transaction'
import { namedAudiences, resolveAction } from '../store/resolve-action'
import type { RunOutcome } from '../store/run-action'
import { valueText } from './answer'
import type { DeviceContext } from './context'

type Runnable = Pick<PendingRow, 'id' | 'name' | 'version' | 'input' | 'clock'>

/**
 * Runs all of them and notes what they did. One that throws stays pending without effect (REC-4): only the server says
 * what becomes of it. Must run in engine mode, with the provisional layer rolled back.
 */
export async function replay(context: DeviceContext, tx: DeviceTransaction, rows: readonly Runnable[]): Promise<void> {
  const results: RunResult[] = []
  for (const row of rows) {
    const outcome = await runPending(context, tx, row)
    if (outcome.kind === 'rejected') {
      context.trace({ kind: 'replay-threw', actionId: row.id, reason: outcome.reason, error: outcome.error })
      results.push({ id: row.id, mayBeRejected: true, effect: null, shown: [], value: null })
    } else {
      results.push({ id: row.id, mayBeRejected: false, ...keptOf(tx, row, outcome) })
    }
  }
  await tx.pending.saveRuns(results)
}

/** What is kept of a run: what its author saw of it, and what it answered. */
export function keptOf(
  tx: DeviceTransaction,
  row: Pick<Runnable, 'clock'>,
  { patches, value }: { readonly patches: readonly Patch[]; readonly value: unknown },
) {
  return {
    effect: effectOf(patches, tx.rows.isExactNumber, row.clock),
    shown: shownRows(patches),
    value: valueText(value),
  }
}

async function runPending(context: DeviceContext, tx: DeviceTransaction, row: Runnable): Promise<RunOutcome> {
  const resolved = resolveAction(context.registry, { ...row, input: JSON.parse(row.input) })
  if (resolved.kind === 'unknown') return rejected('unknown-version')
  if (resolved.kind === 'invalid') return rejected('invalid-input')
  return runResolved(context, tx, { row, ...resolved })
}

export interface ResolvedRun {
  readonly row: Pick<Runnable, 'id' | 'clock'>
  readonly definition: Parameters<typeof namedAudiences>[0]
  readonly input: unknown
}

/** The author's authority as of now on this device, then the run. The server judges again (AUD-4). */
export async function runResolved(
  context: DeviceContext,
  tx: DeviceTransaction,
  run: ResolvedRun,
): Promise<RunOutcome> {
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
  const missing = await tx.rows.missingAudiences(context.userId, others)
  if (missing.length > 0) return rejected('authority')
  return tx.rows.runAction({ definition, input, record, audiences, isCheckedTwice: context.isDevelopment })
}

function rejected(reason: string, error: Error | null = null): RunOutcome {
  return { kind: 'rejected', reason, details: null, error }
}
