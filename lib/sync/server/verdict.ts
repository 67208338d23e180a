/** What a run came to, in the words of history and receipts. */
import { effectOf, type IsExactNumber } from '../core/effect'
import type { Receipt } from '../core/protocol'
import type { RunOutcome } from '../store/run-action'
import type { AcceptedAction } from '../store/server/history'

export type Verdict = Pick<AcceptedAction, 'status' | 'reason' | 'effect'>

export function verdictOf(outcome: RunOutcome, isExactNumber: IsExactNumber, clock: string): Verdict {
  return outcome.kind === 'applied'
    ? { status: 'applied', reason: null, effect: effectOf(outcome.patches, isExactNumber, clock) }
    : { status: 'rejected', reason: outcome.reason, effect: null }
}

export function detailsOf(outcome: RunOutcome): Receipt['details'] {
  return outcome.kind === 'rejected' ? (outcome.details as Receipt['details']) : null
}
