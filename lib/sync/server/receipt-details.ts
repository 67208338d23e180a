/** What a receipt may carry: what can be stored at all, and what its reader may know (AUD-6). */
import { allNamed } from '../core/audience'
import type { Receipt } from '../core/protocol'
import type { RunOutcome } from '../store/run-action'
import type { AcceptedAction } from '../store/server/history'
import type { ServerTransaction } from '../store/server/transaction'
import { isStorable } from './storable'

const reasonLengthMax = 200
const detailsLengthMax = 10_000

/**
 * A reason and details that can be written down: an action may put anything there, client text too, and what cannot be
 * stored must fail the details and not the ingest (ING-6).
 */
export function storableOutcome(outcome: RunOutcome): RunOutcome {
  if (outcome.kind !== 'rejected') return outcome
  const reason = textOf(outcome.reason, reasonLengthMax)
  const details = outcome.details === null ? null : textOf(outcome.details, detailsLengthMax)
  if (reason === null) {
    const error = new Error('The reason of reject() is no short text: it must be a word, not text of the input.')
    return { kind: 'rejected', reason: 'error', details: null, error }
  }
  return { ...outcome, details: details === null ? null : (JSON.parse(details) as Readonly<Record<string, unknown>>) }
}

/** JSON text, or null when it is none, too long, or nothing a database takes. */
function textOf(value: unknown, lengthMax: number): string | null {
  try {
    const text: unknown = JSON.stringify(value)
    return typeof text === 'string' && text.length <= lengthMax && isStorable(text) ? text : null
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

/** Audiences that authors named and do not hold any more, by author. One question per author. */
export async function lostByAuthor(
  tx: ServerTransaction,
  actions: readonly AcceptedAction[],
): Promise<Map<string, ReadonlySet<string>>> {
  const named = new Map<string, string[]>()
  for (const action of actions) named.set(action.author, [...(named.get(action.author) ?? []), ...allNamed(action)])
  const lost = new Map<string, ReadonlySet<string>>()
  for (const [author, audiences] of named) lost.set(author, new Set(await tx.rows.missingAudiences(author, audiences)))
  return lost
}

/** The receipt without details and numbers of audiences its author does not hold (CX-11c). */
export function withoutLost(receipt: Receipt, isHeld: (audience: string) => boolean): Receipt {
  const positions = Object.entries(receipt.positions)
  const known = positions.filter(([audience]) => isHeld(audience))
  if (known.length === positions.length) return receipt
  return { ...receipt, details: null, positions: Object.fromEntries(known) }
}

/** Receipts as their author may read them who holds these audiences now. */
export function tellable(receipts: readonly Receipt[], heldAudiences: readonly string[]): Receipt[] {
  const held = new Set(heldAudiences)
  return receipts.map((receipt) => withoutLost(receipt, (audience) => held.has(audience)))
}
