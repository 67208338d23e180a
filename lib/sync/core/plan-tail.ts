/**
 * Whether a device may take in what the live tail brought (REC-1). Pure. All of it or nothing: a tail brings whole
 * ingests up to a safe point, and half of one is no state of the server.
 *
 * ```
 *  number ≤ cursor ───────────────────────────────▶ skipped: an exchange was faster, or it was told twice
 *  cursor + 1 with the token of the cursor, … ────▶ taken in
 *  a gap, another token, an audience nobody told this device of ──▶ an exchange decides
 * ```
 */
import { type Held, planArrival } from './plan-arrival'
import type { LogEntry } from './protocol'

export type TailPlan = 'apply' | 'nothing' | 'exchange'

export function planTail(entries: readonly LogEntry[], held: Held): TailPlan {
  const { audiences } = held
  if (audiences === null) return 'exchange'
  // Only an exchange changes the set of audiences.
  if (entries.some((entry) => !audiences.has(entry.audience))) return 'exchange'
  const plan = planArrival({ audiences: [...audiences], entries: [...entries], snapshots: [] }, held)
  if (plan.hasGap) return 'exchange'
  return plan.entries.length > 0 ? 'apply' : 'nothing'
}
