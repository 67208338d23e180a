/**
 * The store on PGlite: the device's database in the browser, the embedded server database, and most tests. One
 * connection: transactions queue up behind each other.
 */
import type { PGlite } from '@electric-sql/pglite'
import { type Sql, SqlError, type SqlParameter, type Store, type TransactionOptions } from './driver'
import { parameterTexts, sessionSettings } from './parameter-text'
import { type Answer, createPgliteStatements, type PgliteStatements } from './pglite-statements'

/** Errors of the database that PGlite throws; the class itself is not exported. */
interface DatabaseError extends Error {
  readonly code: string
  readonly detail?: string
  readonly constraint?: string
  readonly table?: string
  readonly routine?: string
}

const serializationFailure = '40001'

export function createPgliteStore(pglite: PGlite): Store {
  const statements = createPgliteStatements(pglite)

  /** Not PGlite's own `transaction`: it sends BEGIN and our settings one by one, and does not flush after COMMIT. */
  async function inTransaction<Result>(work: (sql: Sql) => Promise<Result>, begin: string): Promise<Result> {
    const link: Link = { hasFailed: false, isOver: false }
    const sql = sqlOf(statements, link)
    await sql.exec(begin)
    try {
      const result = await work(sql)
      // COMMIT of an aborted transaction rolls back without a word: any statement tells.
      if (link.hasFailed) await sql.rows('select 1')
      await sql.exec('commit')
      return result
    } catch (error) {
      await sql.exec('rollback')
      throw error
    } finally {
      link.isOver = true
    }
  }

  return {
    kind: 'pglite',
    async transaction(work, options) {
      await pglite._checkReady()
      const result = await pglite._runExclusiveTransaction(() => inTransaction(work, beginText(options)))
      await pglite.syncToFs()
      return result
    },
    close: () => pglite.close(),
  }
}

/** What is known about one transaction. */
interface Link {
  hasFailed: boolean
  isOver: boolean
}

function sqlOf(statements: PgliteStatements, link: Link): Sql {
  async function sent<Result>(statement: string, send: () => Promise<Result>): Promise<Result> {
    if (link.isOver) throw new Error(`The transaction is over. Statement: ${statement.slice(0, 200)}`)
    try {
      return await send()
    } catch (error) {
      link.hasFailed = true
      throw asSqlError(error, statement)
    }
  }
  const answerOf = (statement: string, parameters: readonly SqlParameter[]): Promise<Answer> => {
    const texts = parameterTexts(statement, parameters)
    return sent(statement, () => statements.send(statement, texts))
  }
  return {
    async query<Row extends object>(statement: string, parameters: readonly SqlParameter[] = []) {
      const { columns, rows } = await answerOf(statement, parameters)
      return rows.map((row) => Object.fromEntries(columns.map(({ name }, place) => [name, row[place]])) as Row)
    },
    rows: async (statement, parameters = []) => (await answerOf(statement, parameters)).rows,
    exec: (text) => sent(text, () => statements.exec(text)),
    copyIn: (target, text) => sent(target, () => statements.copyIn(target, text)),
  }
}

function beginText({ isolation = 'read committed', readOnly = false }: TransactionOptions = {}): string {
  return `begin isolation level ${isolation} ${readOnly ? 'read only' : 'read write'}; ${sessionSettings}`
}

/** Database errors become SqlError; anything else (a bug, a rejected action) passes unchanged. */
function asSqlError(error: unknown, statement: string): unknown {
  if (!(error instanceof Error) || error instanceof SqlError) return error
  const fields = error as DatabaseError
  if (typeof fields.code !== 'string' || !/^[0-9A-Z]{5}$/.test(fields.code)) return error
  // A migration changed what a prepared statement answers: it is prepared anew when the transaction is tried again.
  const isStalePlan = fields.routine === 'RevalidateCachedQuery'
  return new SqlError({
    message: error.message,
    code: isStalePlan ? serializationFailure : fields.code,
    detail: fields.detail ?? null,
    constraint: fields.constraint ?? null,
    table: fields.table ?? null,
    statement,
    cause: error,
  })
}
