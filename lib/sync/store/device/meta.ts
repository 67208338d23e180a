/** What a device knows of the server's history: epoch, audiences, cursors, the last confirmed action. */
import type { HeldCursor } from '../../core/squash'
import type { Sql } from '../driver'
import { textArray } from '../sql-text'

export interface Meta {
  readonly epoch: string | null
  /** The last list the server gave; kept over a reset, because rows of those audiences are still here. */
  readonly audiences: ReadonlySet<string> | null
  readonly lastConfirmed: string | null
  /** The greatest clock the server served: this device's own next ones are greater (HLC-2). */
  readonly servedClock: string | null
  readonly serverBuild: string | null
  /** The same as in the outbox, for the day the outbox is lost. */
  readonly clientId: string | null
  readonly lastOrdinal: number
  readonly lastExchangeAtMs: number | null
  /** When all audiences were compared with the server's; milliseconds of this device's own clock. */
  readonly digestsAtMs: number | null
  readonly mismatches: readonly DigestMismatch[]
}

/** An audience whose rows here were not the server's, although nothing was newer there: kept for a bug report. */
export interface DigestMismatch {
  readonly audience: string
  readonly seq: number
  readonly device: string
  readonly server: string
  readonly atMs: number
}

/** As it is stored, key by key. */
export interface MetaText {
  epoch?: string
  audiences?: string
  last_confirmed?: string
  served_clock?: string
  server_build?: string
  client_id?: string
  last_ordinal?: string
  last_exchange_at_ms?: string
  digests_at_ms?: string
  mismatches?: string
}

export async function readMeta(sql: Sql): Promise<Meta> {
  const rows = await sql.rows('select key, value from sync.meta')
  const text: MetaText = Object.fromEntries(rows)
  return metaOf(text)
}

export function metaOf(text: MetaText): Meta {
  return {
    epoch: text.epoch ?? null,
    audiences: text.audiences === undefined ? null : new Set(JSON.parse(text.audiences) as string[]),
    lastConfirmed: text.last_confirmed ?? null,
    servedClock: text.served_clock ?? null,
    serverBuild: text.server_build ?? null,
    clientId: text.client_id ?? null,
    lastOrdinal: Number(text.last_ordinal ?? 0),
    lastExchangeAtMs: text.last_exchange_at_ms === undefined ? null : Number(text.last_exchange_at_ms),
    digestsAtMs: text.digests_at_ms === undefined ? null : Number(text.digests_at_ms),
    mismatches: JSON.parse(text.mismatches ?? '[]') as DigestMismatch[],
  }
}

/** Null removes a key; what is not named stays. */
export async function writeMeta(sql: Sql, changes: { readonly [Key in keyof MetaText]: string | null }): Promise<void> {
  await sql.rows(
    `with given as (select key, value from jsonb_each_text($1::jsonb)),
      gone as (delete from sync.meta where key in (select key from given where value is null))
     insert into sync.meta (key, value) select key, value from given where value is not null
     on conflict (key) do update set value = excluded.value where sync.meta.value <> excluded.value`,
    [JSON.stringify(changes)],
  )
}

export async function readCursors(sql: Sql): Promise<Map<string, HeldCursor>> {
  const rows = await sql.query<{ audience: string; seq: string; token: string; stamp: string }>(
    'select audience, seq, token, stamp from sync.cursors order by audience',
  )
  return new Map(
    rows.map(({ audience, seq, token, stamp }) => [
      audience,
      { audience, token, seq: Number(seq), stamp: Number(stamp) },
    ]),
  )
}

/** Exactly these cursors from now on. */
export async function writeCursors(sql: Sql, cursors: Iterable<HeldCursor>): Promise<void> {
  await sql.rows(
    `with given as (select * from jsonb_to_recordset($1::jsonb) r(audience text, seq bigint, token text, stamp bigint)),
      gone as (delete from sync.cursors where audience not in (select audience from given))
     insert into sync.cursors (audience, seq, token, stamp) select audience, seq, token, stamp from given
     on conflict (audience) do update set seq = excluded.seq, token = excluded.token, stamp = excluded.stamp`,
    [JSON.stringify([...cursors])],
  )
}

export async function dropCursors(sql: Sql, audiences: readonly string[] | 'all'): Promise<void> {
  if (audiences === 'all') await sql.rows('delete from sync.cursors')
  else await sql.rows('delete from sync.cursors where audience = any($1::text[])', [textArray(audiences)])
}
