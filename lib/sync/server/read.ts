/**
 * The reading half of an exchange: one consistent read of everything the user's audiences have beyond the device's
 * cursors (section "Exchange" of docs/SPEC.md). Cost follows what is new, not the length of history.
 */
import { userAudience } from '../core/audience'
import { cutPage } from '../core/page'
import type { Cursor, LogEntry, Snapshot } from '../core/protocol'
import type { AudienceHead } from '../store/server/log'
import type { ServerTransaction } from '../store/server/transaction'
import type { PageBounds } from './engine'
import { tellable } from './receipt-details'

export interface Reading {
  readonly audiences: string[]
  readonly entries: LogEntry[]
  readonly snapshots: Snapshot[]
  readonly more: boolean
}

const receiptsKept = 500

export async function readNews(
  tx: ServerTransaction,
  bounds: PageBounds,
  { userId, cursors }: { readonly userId: string; readonly cursors: readonly Cursor[] },
): Promise<Reading> {
  const audiences = await tx.rows.heldAudiences(userId)
  const heads = await tx.log.readHeads(audiences)
  const since = await tx.grants.grantsSince(userId)
  const cursorOf = new Map(cursors.map((cursor) => [cursor.audience, cursor]))
  const isFollowed = (head: AudienceHead) => {
    const cursor = cursorOf.get(head.audience)
    return cursor !== undefined && cursor.seq >= (since.get(head.audience) ?? 0) && cursor.seq >= head.floor
  }
  const followed = [...heads.values()].filter(isFollowed)
  const behind = followed
    .map((head) => ({ audience: head.audience, seq: cursorOf.get(head.audience)?.seq ?? 0, head: head.head }))
    .filter((place) => place.seq < place.head)
  const found = await tx.log.readEntries(behind, bounds.entriesMax)
  const page = cutPage(
    behind.map(({ audience, head }) => {
      const entries = found.get(audience) ?? []
      return { audience, entries, isCut: (entries.at(-1)?.seq ?? 0) < head }
    }),
    bounds.entriesMax,
  )
  const wanted = [...heads.values()].filter((head) => !isFollowed(head))
  const loaded = await readSnapshots(tx, bounds, { userId, wanted, audiences })
  const isDone = loaded.length === wanted.length
  const entries = page.entries.map((entry) =>
    entry.receipts.length === 0 ? entry : { ...entry, receipts: tellable(entry.receipts, audiences) },
  )
  return { audiences, entries, snapshots: loaded, more: page.more || !isDone }
}

async function readSnapshots(
  tx: ServerTransaction,
  bounds: PageBounds,
  {
    userId,
    wanted,
    audiences,
  }: { readonly userId: string; readonly wanted: readonly AudienceHead[]; readonly audiences: readonly string[] },
): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = []
  let rowCount = 0
  for (const head of wanted) {
    if (rowCount >= bounds.snapshotRowsMax) break
    const rows = await tx.rows.audienceRows(head.audience)
    const receipts =
      head.audience === userAudience(userId)
        ? tellable(await tx.history.latestReceipts(userId, receiptsKept), audiences)
        : []
    snapshots.push({
      audience: head.audience,
      seq: head.head,
      token: head.headToken,
      stamp: head.lastStamp,
      maxClock: head.maxClock || null,
      rows,
      receipts,
    })
    rowCount += rows.length
  }
  return snapshots
}
