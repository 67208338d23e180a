/**
 * Changes rows past all actions, for the rare data change that no action can make (MIG-1). Everything accepted before is
 * sealed, because its images no longer fit; every audience that had or has rows there gets an entry that follows nothing,
 * and its floor on it: no cursor leads past that, so every device takes a snapshot (CX-51).
 */
import { lockPlan } from '../../core/replay-set'
import { enterEngine, settleConstraints } from '../action-context'
import type { Sql } from '../driver'
import { quoteName } from '../sql-text'
import { sealEverything } from './deploys'
import { takeLocks } from './limits'

export interface Rebuilding {
  /** The captured tables whose rows change, those that a cascade reaches among them. */
  readonly tables: readonly string[]
  /** SQL of whoever runs the server. */
  readonly statements: string
  readonly nowMs: number
  /** A random uuid. */
  newId(): string
}

/** Answers the audiences that are loaded anew. Nobody ingests meanwhile; when a statement fails nothing has happened. */
export async function rebuild(sql: Sql, { tables, statements, nowMs, newId }: Rebuilding): Promise<string[]> {
  await takeLocks(sql, lockPlan([], true))
  const before = await audiencesOf(sql, tables)
  await enterEngine(sql)
  await sql.exec(statements)
  await settleConstraints(sql)
  await sealEverything(sql)
  const concerned = [...new Set([...before, ...(await audiencesOf(sql, tables))])].sort()
  const marks = concerned.map((audience) => ({ audience, token: newId().replaceAll('-', '') }))
  await sql.rows(
    `with marks as (select * from jsonb_to_recordset($1::jsonb) as m(audience text, token text)),
     moved as (
       insert into sync.audiences as a (audience, head, head_token, floor, floor_token, last_stamp)
       select audience, 1, token, 1, token, $2::bigint from marks
       on conflict (audience) do update set head = a.head + 1, head_token = excluded.head_token, floor = a.head + 1,
         floor_token = excluded.floor_token, last_stamp = greatest(a.last_stamp + 1, excluded.last_stamp)
       returning audience, head, head_token, last_stamp),
     gone as (delete from sync.log where audience in (select audience from marks))
     insert into sync.log (audience, seq, token, previous_token, stamp, place, ingest, kind)
     select audience, head, head_token, 'rebuilt', last_stamp, 0, $3::uuid, 'correction' from moved`,
    [JSON.stringify(marks), Math.floor(nowMs * 1_000), newId()],
  )
  return concerned
}

async function audiencesOf(sql: Sql, tables: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  for (const table of tables) {
    const rows = await sql.rows(`select distinct audience from public.${quoteName(table)}`)
    for (const [audience] of rows) found.add(String(audience))
  }
  return [...found]
}
