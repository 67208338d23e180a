/**
 * The settings by which the database knows who is acting. All are local to the transaction (CAP-0, AUD-7).
 *
 * `sync.mode` is `action` while an action runs (capture on, row-level security of the app role) and `engine` while the
 * engine rolls back or applies (capture silent, cascades stopped). Without either, captured tables refuse writes.
 */
import type { ActionAudiences } from '../core/audience'
import type { Sql } from './driver'
import { textArray } from './sql-text'

/** Engine mode for what follows in this transaction: constraints wait, capture is silent, cascades stop (ROL-2). */
export async function enterEngine(sql: Sql): Promise<void> {
  await sql.exec("set constraints all deferred; set local sync.mode = 'engine'")
}

/** Checks what engine work left behind now, so that a later action does not get the blame for it. */
export async function settleConstraints(sql: Sql): Promise<void> {
  await sql.exec('set constraints all immediate; set constraints all deferred')
}

export interface ActionIdentity {
  readonly actionId: string
  readonly author: string
  readonly audiences: ActionAudiences
  readonly role: string
}

export async function enterAction(sql: Sql, identity: ActionIdentity): Promise<void> {
  const { writes, reads, founded } = identity.audiences
  await sql.rows(
    `select set_config('sync.mode', 'action', true), set_config('sync.action_id', $1, true),
      set_config('sync.user_id', $2, true), set_config('sync.audiences', $3, true), set_config('sync.writable', $4, true),
      set_config('sync.founded', $5, true), set_config('role', $6, true)`,
    [
      identity.actionId,
      identity.author,
      textArray([...writes, ...reads]),
      textArray(writes),
      textArray(founded),
      identity.role,
    ],
  )
}

const acting = `concat_ws('|', current_setting('role'), current_setting('sync.mode', true),
  current_setting('sync.action_id', true), current_setting('sync.user_id', true), current_setting('sync.audiences', true),
  current_setting('sync.writable', true), current_setting('sync.founded', true))`

/**
 * The engine again. Answers what the settings said until now, to be compared with `expectedTripwire`. One statement: a
 * target list is evaluated from left to right.
 */
export async function leaveAction(sql: Sql): Promise<string> {
  const [row] = await sql.rows(
    `select ${acting}, set_config('role', 'none', true), set_config('sync.mode', 'engine', true)`,
  )
  return String(row?.[0])
}

/** What the settings must still say at the end of an action: a tripwire against code that changed them (AUD-7). */
export function expectedTripwire(identity: ActionIdentity): string {
  const { writes, reads, founded } = identity.audiences
  return [
    identity.role,
    'action',
    identity.actionId,
    identity.author,
    textArray([...writes, ...reads]),
    textArray(writes),
    textArray(founded),
  ].join('|')
}
