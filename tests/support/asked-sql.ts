import type { Sql, SqlParameter } from '@/lib/sync/store/driver'

export type BeforeStatement = (statement: string, parameters: readonly SqlParameter[]) => void | Promise<void>

/** The same SQL; `before` is asked before each statement, and may throw or wait. */
export function askedSql(sql: Sql, before: BeforeStatement): Sql {
  return {
    ...sql,
    async query(statement, parameters) {
      await before(statement, parameters ?? [])
      return sql.query(statement, parameters)
    },
    async rows(statement, parameters) {
      await before(statement, parameters ?? [])
      return sql.rows(statement, parameters)
    },
    async exec(statements) {
      await before(statements, [])
      return sql.exec(statements)
    },
  }
}
