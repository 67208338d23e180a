/** Who holds what in the state of this transaction (AUD-2, AUD-4). */
import { publicAudience, userAudience } from '../core/audience'
import type { Sql } from './driver'

/** All audiences of a user, sorted: granted ones, the private one and `public`. */
export async function heldAudiences(sql: Sql, userId: string): Promise<string[]> {
  const rows = await sql.query<{ audience: string }>(
    'select distinct audience from sync.user_audiences where user_id = $1',
    [userId],
  )
  return [...new Set([...rows.map((row) => row.audience), userAudience(userId), publicAudience])].sort()
}

/** Those of `named` the user does not hold. Cost: one indexed look-up per grant, none for the private audience. */
export async function missingAudiences(sql: Sql, userId: string, named: readonly string[]): Promise<string[]> {
  const granted = named.filter((audience) => audience !== publicAudience && audience !== userAudience(userId))
  if (granted.length === 0) return []
  const rows = await sql.query<{ audience: string }>(
    `select distinct audience from sync.user_audiences
     where user_id = $1 and audience in (select jsonb_array_elements_text($2::jsonb))`,
    [userId, JSON.stringify(granted)],
  )
  const held = new Set(rows.map((row) => row.audience))
  return granted.filter((audience) => !held.has(audience))
}
