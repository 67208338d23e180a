/**
 * The log: per audience a dense numbered list of what ingests changed (ING-5). Numbers are assigned under the
 * audience's lock, so a reader that has seen *n* has seen everything before it.
 */
import { type LogEntry, limits, type Receipt, type RowChange } from '../../core/protocol'
import type { Sql } from '../driver'
import { textArray } from '../sql-text'

export interface AudienceHead {
  readonly audience: string
  readonly head: number
  readonly headToken: string
  readonly floor: number
  readonly floorToken: string
  readonly sealedUntil: string
  readonly lastStamp: number
  readonly maxClock: string
}

export const noHead = { head: 0, headToken: '', floor: 0, floorToken: '', sealedUntil: '', lastStamp: 0, maxClock: '' }

/** Heads by audience; an audience without log has head 0 and the empty token. */
export async function readHeads(sql: Sql, audiences: readonly string[]): Promise<Map<string, AudienceHead>> {
  const rows = await sql.query<{
    audience: string
    head: string
    head_token: string
    floor: string
    floor_token: string
    sealed_until: string
    last_stamp: string
    max_clock: string
  }>('select * from sync.audiences where audience = any($1::text[])', [textArray(audiences)])
  const heads = new Map<string, AudienceHead>(audiences.map((audience) => [audience, { audience, ...noHead }]))
  for (const row of rows) {
    heads.set(row.audience, {
      audience: row.audience,
      head: Number(row.head),
      headToken: row.head_token,
      floor: Number(row.floor),
      floorToken: row.floor_token,
      sealedUntil: row.sealed_until,
      lastStamp: Number(row.last_stamp),
      maxClock: row.max_clock,
    })
  }
  return heads
}

export async function appendEntries(sql: Sql, entries: readonly LogEntry[]): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map((entry) => ({ ...entry, previous_token: entry.previousToken }))
  await sql.rows(
    `insert into sync.log (audience, seq, token, previous_token, stamp, place, ingest, kind, action, causes, changes, receipts)
     select audience, seq, token, previous_token, stamp, place, ingest, kind, nullif(action, 'null'), causes, changes, receipts
     from jsonb_to_recordset($1::jsonb) as e(audience text, seq bigint, token text, previous_token text, stamp bigint,
       place integer, ingest uuid, kind text, action jsonb, causes jsonb, changes jsonb, receipts jsonb)`,
    [JSON.stringify(rows)],
  )
}

/**
 * Saves heads and the greatest clock of each audience. In name order: ingests that share an audience they only read
 * both note their clock there.
 */
export async function saveHeads(sql: Sql, heads: readonly AudienceHead[]): Promise<void> {
  if (heads.length === 0) return
  await sql.rows(
    `insert into sync.audiences (audience, head, head_token, last_stamp, max_clock)
     select audience, head, "headToken", "lastStamp", "maxClock" from jsonb_to_recordset($1::jsonb)
       as h(audience text, head bigint, "headToken" text, "lastStamp" bigint, "maxClock" text)
     order by audience collate "C"
     on conflict (audience) do update set head = excluded.head, head_token = excluded.head_token,
       last_stamp = excluded.last_stamp, max_clock = greatest(sync.audiences.max_clock, excluded.max_clock)`,
    [JSON.stringify(heads)],
  )
}

interface LogRow {
  audience: string
  seq: string
  token: string
  previous_token: string
  stamp: string
  place: number
  ingest: string
  kind: LogEntry['kind']
  action: string | null
  causes: string
  changes: string
  receipts: string
}

/** Of one audience: an entry per action of a push, a correction, receipts. Numbers are dense, so this bounds a search. */
const entriesPerIngestMax = limits.batchActionsMax + limits.heldActionsMax + 2

/**
 * Entries above each cursor by number, `entriesMax` per audience and to the end of the last one's ingest, so that nothing
 * is read in part. One statement for all audiences; the limits say nothing new but that few rows are meant, and without
 * them the planner reads a large log from end to end.
 */
export async function readEntries(
  sql: Sql,
  cursors: readonly { readonly audience: string; readonly seq: number }[],
  entriesMax: number,
): Promise<Map<string, LogEntry[]>> {
  const byAudience = new Map<string, LogEntry[]>(cursors.map((cursor) => [cursor.audience, []]))
  if (cursors.length === 0) return byAudience
  const rows = await sql.query<LogRow>(
    `select e.* from jsonb_to_recordset($1::jsonb) as c(audience text, seq bigint)
     cross join lateral (select p.stamp from sync.log p
       where p.audience = c.audience and p.seq > c.seq and p.seq <= c.seq + $2 order by p.seq desc limit 1) last
     cross join lateral (select * from sync.log l
       where l.audience = c.audience and l.seq > c.seq and l.seq <= c.seq + $2 + $3 and l.stamp <= last.stamp
       order by l.seq limit $2 + $3) e
     order by e.audience, e.seq`,
    [JSON.stringify(cursors), entriesMax, entriesPerIngestMax],
  )
  for (const row of rows) {
    byAudience.get(row.audience)?.push({
      audience: row.audience,
      seq: Number(row.seq),
      token: row.token,
      previousToken: row.previous_token,
      stamp: Number(row.stamp),
      place: row.place,
      ingest: row.ingest,
      kind: row.kind,
      action: row.action === null ? null : (JSON.parse(row.action) as LogEntry['action']),
      causes: JSON.parse(row.causes) as string[],
      changes: JSON.parse(row.changes) as RowChange[],
      receipts: JSON.parse(row.receipts) as Receipt[],
    })
  }
  return byAudience
}

/**
 * Whether each cursor's token is the one this history gave to that number (ING-0). Below the floor nobody can tell any
 * more; such a cursor leads to a snapshot, and the last confirmed id still proves the history.
 */
export async function cursorsBelong(
  sql: Sql,
  cursors: readonly { readonly audience: string; readonly seq: number; readonly token: string }[],
): Promise<boolean> {
  if (cursors.length === 0) return true
  const [row] = await sql.query<{ strangers: number }>(
    `select count(*)::integer as strangers from jsonb_to_recordset($1::jsonb) as c(audience text, seq bigint, token text)
     left join lateral (select * from sync.audiences h where h.audience = c.audience limit 1) a on true
     where not (c.seq = coalesce(a.head, 0) and c.token = coalesce(a.head_token, ''))
       and not (c.seq = 0 and c.token = '')
       and not c.seq < coalesce(a.floor, 0)
       and not (c.seq = coalesce(a.floor, 0) and c.token = coalesce(a.floor_token, ''))
       and not exists (select from sync.log l where l.audience = c.audience and l.seq = c.seq and l.token = c.token)`,
    [JSON.stringify(cursors)],
  )
  return row?.strangers === 0
}
