/** Since which number a user holds an audience (AUD-4, AUD-5). */
import type { Sql } from '../driver'

export interface GrantPair {
  readonly user_id: string
  readonly audience: string
  readonly since: number
  /** Lists of changes that concern it. Two: it may have been lost and gained in between. */
  readonly times: number
}

/** Begins and ends memberships as the rows say now; one that was lost and gained in between begins anew. */
export async function renewGrants(sql: Sql, pairs: readonly GrantPair[]): Promise<void> {
  const concerned = JSON.stringify(pairs)
  await sql.rows(
    `delete from sync.grants g using jsonb_to_recordset($1::jsonb) as p(user_id text, audience text, times integer)
     where g.user_id = p.user_id and g.audience = p.audience and (p.times > 1 or not exists (
       select from sync.user_audiences h where h.user_id = p.user_id and h.audience = p.audience))`,
    [concerned],
  )
  await sql.rows(
    `insert into sync.grants (user_id, audience, since)
     select distinct p.user_id, p.audience, p.since
     from jsonb_to_recordset($1::jsonb) as p(user_id text, audience text, since bigint)
     join sync.user_audiences h on h.user_id = p.user_id and h.audience = p.audience
     on conflict (user_id, audience) do nothing`,
    [concerned],
  )
}

/** By audience, for what the user holds by a grant. */
export async function grantsSince(sql: Sql, userId: string): Promise<Map<string, number>> {
  const rows = await sql.query<{ audience: string; since: string }>(
    'select audience, since from sync.grants where user_id = $1',
    [userId],
  )
  return new Map(rows.map((row) => [row.audience, Number(row.since)]))
}
