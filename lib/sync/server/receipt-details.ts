/** What a revised receipt may still tell (AUD-6). */
import { allNamed } from '../core/audience'
import type { Receipt } from '../core/protocol'
import type { Sql } from '../store/driver'
import { missingAudiences } from '../store/held-audiences'
import type { AcceptedAction } from './history'

/** Details speak of rows in the named audiences: only while the author holds them all (CX-11c). */
export async function detailsHeld(
  sql: Sql,
  action: AcceptedAction,
  details: Readonly<Record<string, unknown>> | null,
): Promise<Receipt['details']> {
  if (details === null) return null
  const missing = await missingAudiences(sql, action.author, allNamed(action))
  return missing.length === 0 ? (details as Receipt['details']) : null
}
