/**
 * How far back history reaches: what is sealed, what may be pruned, where a log may be cut. Pure: `server/compact` asks
 * here and carries it out.
 *
 * ```
 *          pruned                 sealed                     open to late arrivals
 *  ───────────────────────┬──────────────────────┬────────────────────────────────────▶ clock
 *              now − kept history        now − late window                         now
 * ```
 */
import { type Clock, encodeClock } from './hlc'

const dayMs = 24 * 60 * 60 * 1000

export interface Retention {
  /** Older newcomers are restamped (HLC-4). */
  readonly lateWindowMs: number
  /** Older log entries are cut off; older actions that are sealed lose their images and bodies. */
  readonly keptHistoryMs: number
  /** Log entries an audience keeps at most: a device further behind takes a snapshot. */
  readonly entriesMax: number
}

export const defaultRetention: Retention = {
  lateWindowMs: 30 * dayMs,
  keptHistoryMs: 30 * dayMs,
  entriesMax: 50_000,
}

/** How long devices keep confirmed actions, to offer them again after a restore (OUT-1). */
export const outboxRetentionMs = 14 * dayMs

/**
 * Outbox retention ≤ late window ≤ kept history, or words for whoever configures it. What a device offers again after a
 * restore must find its old place (CX-25), and what may still be replayed must still be there (FM-55).
 */
export function retentionProblem(retention: Retention, outboxMs: number = outboxRetentionMs): string | null {
  const { lateWindowMs, keptHistoryMs, entriesMax } = retention
  const days = (ms: number) => `${Math.round((ms / dayMs) * 100) / 100} days`
  if (lateWindowMs < outboxMs) {
    return `The late window is ${days(lateWindowMs)}, and devices offer their work again for ${days(outboxMs)}: make it at least as long.`
  }
  if (keptHistoryMs < lateWindowMs) {
    return `History is kept for ${days(keptHistoryMs)}, and late arrivals are taken for ${days(lateWindowMs)}: keep it at least as long.`
  }
  return entriesMax >= 1 ? null : 'An audience must keep at least one log entry.'
}

export interface Horizon {
  readonly sealedUntil: Clock
  readonly keptFromClock: Clock
  /** Microseconds, as stamps are (ING-5). */
  readonly keptFromStamp: number
}

export function horizonAt(nowMs: number, { lateWindowMs, keptHistoryMs }: Retention): Horizon {
  const keptFromMs = Math.max(0, Math.floor(nowMs - keptHistoryMs))
  return {
    sealedUntil: clockBefore(Math.max(0, Math.floor(nowMs - lateWindowMs))),
    keptFromClock: clockBefore(keptFromMs),
    keptFromStamp: keptFromMs * 1_000,
  }
}

/** Not greater than any clock of this millisecond. */
function clockBefore(ms: number): Clock {
  return encodeClock({ ms, counter: 0, clientId: '00000000-0000-0000-0000-000000000000' })
}

export interface Edge {
  readonly seq: number
  readonly token: string
}

export interface Cutting {
  /** The oldest entries above the floor, in number order: more than one ingest has, or all there are. */
  readonly oldest: readonly (Edge & { readonly stamp: number })[]
  readonly head: number
  readonly entriesMax: number
  readonly keptFromStamp: number
}

/**
 * The new floor: the last of these entries that is too old or one too many, and the last of its ingest, because cursors
 * stand between ingests. Null when the floor stays. The floor keeps the token of its entry: a cursor that stands there
 * must still prove which history it follows (CX-50).
 */
export function floorOf({ oldest, head, entriesMax, keptFromStamp }: Cutting): Edge | null {
  let floor: Edge | null = null
  for (const [index, { seq, token, stamp }] of oldest.entries()) {
    if (stamp >= keptFromStamp && seq > head - entriesMax) break
    const next = oldest[index + 1]
    const isLastOfIngest = next === undefined ? seq === head : next.stamp !== stamp
    if (isLastOfIngest) floor = { seq, token }
  }
  return floor
}
