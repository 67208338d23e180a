/**
 * Since which number a user holds an audience. A cursor from before it belongs to an earlier membership: it gets a
 * snapshot, never the log from in between (AUD-4, AUD-5).
 */
import { capturedColumnText, type NetChange } from '../core/images'
import type { SyncModel } from '../model'
import type { Sql } from '../store/driver'
import type { AudienceHead } from './log'

interface Pair {
  readonly user_id: string
  readonly audience: string
  readonly since: number
  /** Lists of changes that concern it. Two: it may have been lost and gained in between. */
  readonly times: number
}

/**
 * Looks only at changes of granted tables: most ingests have none. A membership that ended and began again inside one
 * push began anew: the log tells that push action by action, also what was there in between (CX-32).
 */
export async function noteGrants(
  sql: Sql,
  model: SyncModel,
  {
    changes,
    heads,
  }: {
    /** In log order, a list for each entry that tells of them. */
    readonly changes: readonly (readonly NetChange[])[]
    readonly heads: ReadonlyMap<string, AudienceHead>
  },
): Promise<void> {
  const pairs = new Map<string, Pair>()
  for (const told of changes) {
    for (const [key, { user_id, audience }] of concernedPairs(model, told)) {
      const times = (pairs.get(key)?.times ?? 0) + 1
      pairs.set(key, { user_id, audience, since: heads.get(audience)?.head ?? 0, times })
    }
  }
  if (pairs.size === 0) return
  const concerned = JSON.stringify([...pairs.values()])
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

function concernedPairs(model: SyncModel, changes: readonly NetChange[]) {
  const pairs = new Map<string, { readonly user_id: string; readonly audience: string }>()
  for (const { table, before, after } of changes) {
    const columns = model.grants.filter((grant) => grant.table === table).map((grant) => grant.userColumn)
    for (const column of columns) {
      for (const row of [before, after]) {
        const user_id = capturedColumnText(row, column)
        const audience = capturedColumnText(row, 'audience')
        if (user_id !== null && audience !== null) pairs.set(JSON.stringify([user_id, audience]), { user_id, audience })
      }
    }
  }
  return pairs
}

/** By audience, for what the user holds by a grant. */
export async function grantsSince(sql: Sql, userId: string): Promise<Map<string, number>> {
  const rows = await sql.query<{ audience: string; since: string }>(
    'select audience, since from sync.grants where user_id = $1',
    [userId],
  )
  return new Map(rows.map((row) => [row.audience, Number(row.since)]))
}
