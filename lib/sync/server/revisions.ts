/** Old actions whose replay came to something else than before, and what their authors are told of it (ING-4, ACT-3). */
import { allNamed } from '../core/audience'
import { canonicalJson } from '../core/canonical-json'
import type { Receipt } from '../core/protocol'
import type { AcceptedAction, IdRow, KnownId } from '../store/server/history'
import type { ServerTransaction } from '../store/server/transaction'
import type { ReplayResult } from './paths'
import { lostByAuthor, withoutLost } from './receipt-details'
import { detailsOf, type Verdict, verdictOf } from './verdict'

export interface Revision {
  /** As history has it from now on. */
  readonly action: AcceptedAction
  readonly before: KnownId
  readonly details: Receipt['details']
  /** Audiences of it that its author does not hold any more. */
  readonly lost: ReadonlySet<string>
}

/**
 * A rejected one may be rejected as before and for another cause: the seat is taken, and now by somebody else. So what it
 * said is compared too. Cost: one read of the receipts that may change, one question per author.
 */
export async function revisionsOf(tx: ServerTransaction, replays: readonly ReplayResult[]): Promise<Revision[]> {
  const judged = replays.map(({ action, outcome }) => {
    const verdict = verdictOf(outcome, tx.rows.isExactNumber, action.clock)
    return { action, verdict, details: detailsOf(outcome), isSame: isSame(action, verdict) }
  })
  const candidates = judged.filter(({ verdict, isSame }) => !isSame || verdict.status === 'rejected')
  if (candidates.length === 0) return []
  const actions = candidates.map(({ action }) => action)
  const known = await tx.history.knownIds(actions.map(({ id }) => id))
  const lostOf = await lostByAuthor(tx, actions)
  return candidates.flatMap(({ action, verdict, isSame, ...said }) => {
    const before = known.get(action.id)
    if (!before) return []
    const lost = lostOf.get(action.author) ?? new Set()
    const details = allNamed(action).some((audience) => lost.has(audience)) ? null : said.details
    if (isSame && canonicalJson(details) === canonicalJson(before.receipt.details)) return []
    return [{ action: { ...action, ...verdict }, before, details, lost }]
  })
}

function isSame(action: AcceptedAction, verdict: Verdict): boolean {
  return verdict.status === action.status && verdict.reason === action.reason && verdict.effect === action.effect
}

/** The next revision of its receipt. */
export function revisedReceipt(
  { action, before, details, lost }: Revision,
  positionOf: (audience: string) => number,
): IdRow {
  const receipt: Receipt = {
    ...before.receipt,
    revision: before.revision + 1,
    status: action.status,
    reason: action.reason,
    details,
    effect: action.effect,
    positions: Object.fromEntries(allNamed(action).map((audience) => [audience, positionOf(audience)])),
  }
  const told = withoutLost(receipt, (audience) => !lost.has(audience))
  return { hash: before.hash, author: action.author, ordinal: action.ordinal, receipt: told }
}
