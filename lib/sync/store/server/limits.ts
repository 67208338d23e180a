/** What only an ingest asks of its transaction: locks and time limits. */
import { invariant } from '../../core/invariant'
import type { LockPlan } from '../../core/replay-set'
import type { Sql } from '../driver'

/** Waits for all locks of the plan, in its order (ING-1). They are released with the transaction. */
export async function takeLocks(sql: Sql, plan: LockPlan): Promise<void> {
  const [row] = await sql.rows("select current_setting('transaction_isolation')")
  invariant(row?.[0] === 'read committed', 'ING-1', ['A stricter level reads before it waits (CX-19)', row])
  await sql.rows(
    `select case when l.exclusive then pg_advisory_xact_lock(l.key)::text else pg_advisory_xact_lock_shared(l.key)::text end
     from (select (e ->> 'key')::bigint as key, (e ->> 'exclusive')::boolean as exclusive
       from jsonb_array_elements($1::jsonb) with ordinality as a(e, n) order by n) l`,
    [JSON.stringify(plan.locks)],
  )
}

/** Before actions run: constraints wait for each action's end, and each statement has this long. */
export async function beginRuns(sql: Sql, statementTimeoutMs: number): Promise<void> {
  await sql.exec(`set constraints all deferred; set local statement_timeout = ${Math.floor(statementTimeoutMs)}`)
}

/** After the last action: what the engine writes down has no time limit. */
export async function endRuns(sql: Sql): Promise<void> {
  await sql.exec('set local statement_timeout = 0')
}
