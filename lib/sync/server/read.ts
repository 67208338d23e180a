/**
 * The reading half of an exchange: one consistent read of everything the user's audiences have beyond the device's
 * cursors (section "Exchange" of docs/SPEC.md). Cost follows what is new, not the length of history.
 */
import { userAudience } from '../core/audience'
import { cutPage } from '../core/page'
import type { Cursor, Digest, LogEntry, Receipt, Snapshot } from '../core/protocol'
import type { AudienceHead } from '../store/server/log'
import type { ServerTransaction } from '../store/server/transaction'
import type { PageBounds } from './engine'
import { tellable } from './receipt-details'

export interface Reading {
  readonly audiences: string[]
  readonly entries: LogEntry[]
  readonly snapshots: Snapshot[]
  readonly large: string[]
  readonly digests: Digest[]
  readonly more: boolean
  /** How many cursors are below the floor of their audience. */
  readonly behind: number
}

export async function readNews(
  tx: ServerTransaction,
  bounds: PageBounds,
  {
    userId,
    cursors,
    digests,
  }: { readonly userId: string; readonly cursors: readonly Cursor[]; readonly digests: readonly Digest[] },
): Promise<Reading> {
  const audiences = await tx.rows.heldAudiences(userId)
  const heads = await tx.log.readHeads(audiences)
  const since = await tx.grants.grantsSince(userId)
  const cursorOf = new Map(cursors.map((cursor) => [cursor.audience, cursor]))
  const isFollowed = (head: AudienceHead) => {
    const cursor = cursorOf.get(head.audience)
    return cursor !== undefined && cursor.seq >= (since.get(head.audience) ?? 0) && cursor.seq >= head.floor
  }
  const isBehind = (head: AudienceHead) => (cursorOf.get(head.audience)?.seq ?? head.floor) < head.floor
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
    bounds,
  )
  const oversized = new Set(page.oversized)
  const wanted = [...heads.values()].filter((head) => !isFollowed(head) && !oversized.has(head.audience))
  const loaded = await readSnapshots(tx, bounds, { userId, wanted, audiences })
  const entries = page.entries.map((entry) =>
    entry.receipts.length === 0 ? entry : { ...entry, receipts: tellable(entry.receipts, audiences) },
  )
  const atHead = new Set(followed.filter((head) => cursorOf.get(head.audience)?.seq === head.head).map(nameOf))
  return {
    audiences,
    entries,
    snapshots: loaded.snapshots,
    large: [...page.oversized, ...loaded.large],
    digests: await ownDigests(
      tx,
      digests.map(nameOf).filter((audience) => atHead.has(audience)),
    ),
    more: page.more || loaded.isCut,
    behind: [...heads.values()].filter(isBehind).length,
  }
}

const nameOf = ({ audience }: { readonly audience: string }) => audience

async function ownDigests(tx: ServerTransaction, audiences: readonly string[]): Promise<Digest[]> {
  const found: Digest[] = []
  for (const audience of audiences) found.push({ audience, digest: await tx.rows.digest(audience) })
  return found
}

interface Loaded {
  readonly snapshots: Snapshot[]
  readonly large: string[]
  /** There are more than fit into this answer. */
  readonly isCut: boolean
}

async function readSnapshots(
  tx: ServerTransaction,
  { snapshotRowsMax }: PageBounds,
  {
    userId,
    wanted,
    audiences,
  }: { readonly userId: string; readonly wanted: readonly AudienceHead[]; readonly audiences: readonly string[] },
): Promise<Loaded> {
  const snapshots: Snapshot[] = []
  const large: string[] = []
  let rowCount = 0
  for (const head of wanted) {
    if (rowCount >= snapshotRowsMax) return { snapshots, large, isCut: true }
    if (await tx.rows.hasMoreRows(head.audience, snapshotRowsMax)) {
      large.push(head.audience)
      continue
    }
    const rows = await tx.rows.audienceRows(head.audience)
    const receipts = head.audience === userAudience(userId) ? await latestReceipts(tx, { userId, audiences }) : []
    snapshots.push({ ...markOf(head), rows, receipts })
    rowCount += rows.length
  }
  return { snapshots, large, isCut: false }
}

/** Where a snapshot stands in history. */
export function markOf(head: AudienceHead): Omit<Snapshot, 'rows' | 'receipts'> {
  const { audience, head: seq, headToken: token, lastStamp: stamp, maxClock } = head
  return { audience, seq, token, stamp, maxClock: maxClock || null }
}

const receiptsKept = 500

/** What replaces the receipts of a device together with its `user:` rows. */
export async function latestReceipts(
  tx: ServerTransaction,
  { userId, audiences }: { readonly userId: string; readonly audiences: readonly string[] },
): Promise<Receipt[]> {
  return tellable(await tx.history.latestReceipts(userId, receiptsKept), audiences)
}
