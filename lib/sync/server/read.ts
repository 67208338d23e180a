/**
 * The reading half of an exchange: one consistent read of everything the user's audiences have beyond the device's
 * cursors (section "Exchange" of docs/SPEC.md). Cost follows what is new, not the length of history.
 */
import { userAudience } from '../core/audience'
import { cutPage } from '../core/page'
import { type Cursor, type LogEntry, limits, type Receipt, type Snapshot } from '../core/protocol'
import type { Sql } from '../store/driver'
import { heldAudiences } from '../store/held-audiences'
import { audienceRows } from '../store/set-rows'
import type { ServerEngine } from './engine'
import { grantsSince } from './grants'
import { type AudienceHead, readEntries, readHeads } from './log'
import { tellable } from './receipt-details'

export interface Reading {
  readonly audiences: string[]
  readonly entries: LogEntry[]
  readonly snapshots: Snapshot[]
  readonly more: boolean
}

/** Rows after which an answer takes no further snapshot; the device asks again. */
const snapshotRowsMax = 20_000
const receiptsKept = 500

export async function readNews(
  engine: ServerEngine,
  sql: Sql,
  { userId, cursors }: { readonly userId: string; readonly cursors: readonly Cursor[] },
): Promise<Reading> {
  const audiences = await heldAudiences(sql, userId)
  const heads = await readHeads(sql, audiences)
  const since = await grantsSince(sql, userId)
  const cursorOf = new Map(cursors.map((cursor) => [cursor.audience, cursor]))
  const isFollowed = (head: AudienceHead) => {
    const cursor = cursorOf.get(head.audience)
    return cursor !== undefined && cursor.seq >= (since.get(head.audience) ?? 0) && cursor.seq >= head.floor
  }
  const followed = [...heads.values()].filter(isFollowed)
  const behind = followed
    .map((head) => ({ audience: head.audience, seq: cursorOf.get(head.audience)?.seq ?? 0, head: head.head }))
    .filter((place) => place.seq < place.head)
  const found = await readEntries(sql, behind, limits.pageEntriesMax)
  const page = cutPage(
    behind.map(({ audience, head }) => {
      const entries = found.get(audience) ?? []
      return { audience, entries, isCut: (entries.at(-1)?.seq ?? 0) < head }
    }),
    limits.pageEntriesMax,
  )
  const wanted = [...heads.values()].filter((head) => !isFollowed(head))
  const loaded = await readSnapshots(engine, sql, { userId, wanted, audiences })
  const isDone = loaded.length === wanted.length
  const entries = page.entries.map((entry) =>
    entry.receipts.length === 0 ? entry : { ...entry, receipts: tellable(entry.receipts, audiences) },
  )
  return { audiences, entries, snapshots: loaded, more: page.more || !isDone }
}

async function readSnapshots(
  engine: ServerEngine,
  sql: Sql,
  {
    userId,
    wanted,
    audiences,
  }: { readonly userId: string; readonly wanted: readonly AudienceHead[]; readonly audiences: readonly string[] },
): Promise<Snapshot[]> {
  const catalog = await engine.catalog(sql)
  const snapshots: Snapshot[] = []
  let rowCount = 0
  for (const head of wanted) {
    if (rowCount >= snapshotRowsMax) break
    const rows = await audienceRows(sql, catalog, head.audience)
    const receipts =
      head.audience === userAudience(userId) ? tellable(await latestReceipts(sql, userId), audiences) : []
    snapshots.push({
      audience: head.audience,
      seq: head.head,
      token: head.headToken,
      stamp: head.lastStamp,
      rows,
      receipts,
    })
    rowCount += rows.length
  }
  return snapshots
}

async function latestReceipts(sql: Sql, userId: string): Promise<Receipt[]> {
  const rows = await sql.query<{ receipt: string }>(
    `select receipt from sync.ids where author = $1 order by receipt ->> 'clock' desc nulls last, id limit ${receiptsKept}`,
    [userId],
  )
  return rows.map((row) => JSON.parse(row.receipt) as Receipt)
}
