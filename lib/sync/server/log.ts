/** Numbers the entries of an ingest: dense per audience, with random tokens (ING-5). */
import type { LogEntry, Receipt, RowChange } from '../core/protocol'
import { type AudienceHead, noHead } from '../store/server/log'

/** An entry before it has its number, token and stamp. */
export interface DraftEntry {
  readonly audience: string
  readonly kind: LogEntry['kind']
  readonly action: LogEntry['action']
  readonly causes: readonly string[]
  readonly changes: readonly RowChange[]
  readonly receipts: readonly Receipt[]
}

/** Numbers drafts in the order given and moves the heads; pure but for the tokens. */
export function numberEntries(
  drafts: readonly DraftEntry[],
  place: {
    readonly heads: Map<string, AudienceHead>
    readonly ingest: string
    readonly stamp: number
    readonly newToken: () => string
  },
): LogEntry[] {
  return drafts.map((draft, index) => {
    const head = place.heads.get(draft.audience) ?? { audience: draft.audience, ...noHead }
    const token = place.newToken()
    const seq = head.head + 1
    place.heads.set(draft.audience, { ...head, head: seq, headToken: token, lastStamp: place.stamp })
    return {
      ...draft,
      causes: [...draft.causes],
      changes: [...draft.changes],
      receipts: [...draft.receipts],
      seq,
      token,
      previousToken: head.headToken,
      stamp: place.stamp,
      place: index,
      ingest: place.ingest,
    }
  })
}
