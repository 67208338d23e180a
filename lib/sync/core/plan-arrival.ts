/**
 * Which entries and snapshots of an answer a device applies, and where its cursors stand then (REC-1). Pure.
 *
 * A number not above the cursor is skipped, cursor + 1 with the matching previous token is applied, anything else is a
 * gap: nothing more of that audience is taken and the device exchanges again. Without a cursor only a snapshot counts
 * (AUD-5).
 */
import type { Receipt, Snapshot, SyncAnswer } from './protocol'
import type { Arrival, HeldCursor } from './squash'

export interface ArrivalPlan extends Arrival {
  /** After the answer; audiences no longer held have none. */
  readonly cursors: ReadonlyMap<string, HeldCursor>
  /** Held before, not held any more: their rows go (AUD-5). */
  readonly lost: readonly string[]
  readonly hasGap: boolean
}

export interface Held {
  readonly cursors: ReadonlyMap<string, HeldCursor>
  /** The last list of audiences, kept over a reset; null before the first answer. */
  readonly audiences: ReadonlySet<string> | null
}

export function planArrival(answer: Pick<SyncAnswer, 'audiences' | 'entries' | 'snapshots'>, held: Held): ArrivalPlan {
  const isHeld = new Set(answer.audiences)
  const lost = [...new Set([...held.cursors.keys(), ...(held.audiences ?? [])])].filter((name) => !isHeld.has(name))
  const cursors = new Map([...held.cursors].filter(([name]) => isHeld.has(name)))
  const snapshots: Snapshot[] = []
  for (const snapshot of answer.snapshots) {
    const known = cursors.get(snapshot.audience)
    if (!isHeld.has(snapshot.audience) || (known && known.seq > snapshot.seq)) continue
    const { audience, seq, token, stamp } = snapshot
    cursors.set(audience, { audience, seq, token, stamp })
    snapshots.push(snapshot)
  }
  let hasGap = false
  const entries = [...answer.entries]
    .sort((left, right) => left.seq - right.seq)
    .filter((entry) => {
      const cursor = cursors.get(entry.audience)
      if (!isHeld.has(entry.audience) || !cursor || entry.seq <= cursor.seq) return false
      const follows = entry.seq === cursor.seq + 1 && entry.previousToken === cursor.token
      hasGap ||= !follows
      if (!follows) return false
      const { audience, seq, token, stamp } = entry
      cursors.set(audience, { audience, seq, token, stamp })
      return true
    })
  return { entries, snapshots, cursors, lost, hasGap }
}

/**
 * A position beyond the head of the same read belongs to a history that was restored away (ING-4): the answer is
 * dropped and the device starts over. Only an answer that was read to its end tells the heads, and leaves nothing to a
 * stream.
 */
export function namesUnknownPositions(
  answer: Pick<SyncAnswer, 'receipts' | 'more' | 'large'>,
  { cursors, hasGap }: Pick<ArrivalPlan, 'cursors' | 'hasGap'>,
): boolean {
  if (answer.more || answer.large.length > 0 || hasGap) return false
  return answer.receipts.some((receipt: Receipt) =>
    Object.entries(receipt.positions).some(([audience, seq]) => seq > (cursors.get(audience)?.seq ?? seq)),
  )
}
