/** The far end of history: seals, floors, and what lies below them. Rows are deleted, never truncated (SHP-2). */
import type { Edge } from '../../core/horizon'
import type { Sql } from '../driver'
import { textArray } from '../sql-text'

/** An audience as compaction sees it. */
export interface AudienceAge {
  readonly audience: string
  readonly head: number
  readonly floor: number
  /** Of the entry above the floor; null when there is none. */
  readonly oldestStamp: number | null
  /** Nothing was accepted since it was sealed: sealing it further would change nothing. */
  readonly isSealed: boolean
}

/** In name order, `limit` of those behind a name. Index scans only: one of audiences, one entry of each. */
export async function audienceAges(sql: Sql, after: string, limit: number): Promise<AudienceAge[]> {
  const rows = await sql.query<{
    audience: string
    head: string
    floor: string
    oldest: string | null
    is_sealed: boolean
  }>(
    `select a.audience, a.head, a.floor, a.max_clock <= a.sealed_until as is_sealed,
       (select l.stamp from sync.log l where l.audience = a.audience and l.seq = a.floor + 1) as oldest
     from sync.audiences a where a.audience > $1 collate "C" order by a.audience limit $2`,
    [after, limit],
  )
  return rows.map((row) => ({
    audience: row.audience,
    head: Number(row.head),
    floor: Number(row.floor),
    oldestStamp: row.oldest === null ? null : Number(row.oldest),
    isSealed: row.is_sealed,
  }))
}

/** Needs the exclusive locks of these audiences. A seal never goes back. Answers how many moved. */
export async function sealAudiences(sql: Sql, audiences: readonly string[], until: string): Promise<number> {
  const moved = await sql.rows(
    `update sync.audiences set sealed_until = $2
     where audience = any($1::text[]) and sealed_until < $2 collate "C" returning 1`,
    [textArray(audiences), until],
  )
  return moved.length
}

export async function oldestEntries(
  sql: Sql,
  { audience, floor }: Pick<AudienceAge, 'audience' | 'floor'>,
  limit: number,
): Promise<(Edge & { readonly stamp: number })[]> {
  const rows = await sql.query<{ seq: string; token: string; stamp: string }>(
    'select seq, token, stamp from sync.log where audience = $1 and seq > $2 order by seq limit $3',
    [audience, floor, limit],
  )
  return rows.map(({ seq, token, stamp }) => ({ seq: Number(seq), token, stamp: Number(stamp) }))
}

/** Entries up to the edge go. A floor never goes back. Answers how many entries went. */
export async function moveFloor(sql: Sql, audience: string, { seq, token }: Edge): Promise<number> {
  await sql.rows('update sync.audiences set floor = $2, floor_token = $3 where audience = $1 and floor < $2', [
    audience,
    seq,
    token,
  ])
  const gone = await sql.rows('delete from sync.log where audience = $1 and seq <= $2 returning 1', [audience, seq])
  return gone.length
}

/**
 * Of accepted actions below a clock that all their audiences are sealed past: images and bodies go, ids and receipts
 * stay (ING-2). Answers how many actions went, at most `limit`.
 */
export async function pruneActions(sql: Sql, before: string, limit: number): Promise<number> {
  const gone = await sql.rows(
    `with old as (
       select a.id from sync.actions a where a.clock < $1 collate "C" and not exists (
         select from jsonb_array_elements_text(a.writes || a.reads) as named(audience)
         left join lateral (select h.sealed_until from sync.audiences h where h.audience = named.audience limit 1) s on true
         where coalesce(s.sealed_until, '') < a.clock)
       order by a.clock, a.id limit $2 for update skip locked),
     images as (delete from sync.patches where action_id = any(array(select id from old)))
     delete from sync.actions where id = any(array(select id from old)) returning 1`,
    [before, limit],
  )
  return gone.length
}
