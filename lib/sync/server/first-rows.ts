/** First rows for a page whose own database is not open yet: one select of the app's, as its user (AUD-2). */
import { firstRowsLimits } from '../core/first-rows'
import { enterAction } from '../store/action-context'
import { appRole } from '../store/catalog'
import type { SqlParameter, SqlValue, Store } from '../store/driver'
import { heldAudiences } from '../store/held-audiences'

export interface FirstRowsAsked {
  readonly userId: string
  /** Written by this server, never by a client. */
  readonly statement: { readonly sql: string; readonly params: readonly unknown[] }
}

const statementTimeoutMs = 2_000

/**
 * In a transaction that only reads, as the app's role, with the audiences this user holds: another user's rows are not
 * there, whatever the input names. Null when there are more rows than a first paint takes: half of a list would jump.
 */
export async function readFirstRows(store: Store, { userId, statement }: FirstRowsAsked): Promise<SqlValue[][] | null> {
  const rows = await store.transaction(
    async (sql) => {
      const role = await appRole(sql)
      const reads = await heldAudiences(sql, userId)
      await sql.exec(`set local statement_timeout = ${statementTimeoutMs}`)
      await enterAction(sql, { actionId: '', author: userId, audiences: { writes: [], reads, founded: [] }, role })
      return sql.rows(
        `select * from (${statement.sql}) as first_rows limit ${firstRowsLimits.rowsMax + 1}`,
        statement.params as SqlParameter[],
      )
    },
    { isolation: 'repeatable read', readOnly: true },
  )
  const isFit = rows.length <= firstRowsLimits.rowsMax && JSON.stringify(rows).length <= firstRowsLimits.charactersMax
  return isFit ? rows : null
}
