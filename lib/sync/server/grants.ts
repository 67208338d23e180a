/**
 * Since which number a user holds an audience. A cursor from before it belongs to an earlier membership: it gets a
 * snapshot, never the log from in between (AUD-4, AUD-5).
 */
import { capturedColumnText, type NetChange } from '../core/images'
import type { SyncModel } from '../model'
import type { Sql } from '../store/driver'
import type { AudienceHead } from './log'

/** Looks only at changes of granted tables: most ingests have none. */
export async function noteGrants(
  sql: Sql,
  model: SyncModel,
  { changes, heads }: { readonly changes: readonly NetChange[]; readonly heads: ReadonlyMap<string, AudienceHead> },
): Promise<void> {
  const pairs = new Map<string, { user_id: string; audience: string; since: number }>()
  for (const grant of model.grants) {
    for (const change of changes.filter(({ table }) => table === grant.table)) {
      for (const row of [change.before, change.after]) {
        const user_id = capturedColumnText(row, grant.userColumn)
        const audience = capturedColumnText(row, 'audience')
        if (user_id === null || audience === null) continue
        pairs.set(`${user_id} ${audience}`, { user_id, audience, since: heads.get(audience)?.head ?? 0 })
      }
    }
  }
  if (pairs.size === 0) return
  const concerned = JSON.stringify([...pairs.values()])
  await sql.rows(
    `delete from sync.grants g using jsonb_to_recordset($1::jsonb) as p(user_id text, audience text)
     where g.user_id = p.user_id and g.audience = p.audience and not exists (
       select from sync.user_audiences h where h.user_id = p.user_id and h.audience = p.audience)`,
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
