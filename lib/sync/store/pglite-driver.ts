/**
 * The store on PGlite: the device's database in the browser, the embedded server database, and most tests. One
 * connection: transactions queue up behind each other.
 */
import type { PGlite, Transaction } from '@electric-sql/pglite'
import { type Sql, SqlError, type SqlParameter, type SqlValue, type Store, type TransactionOptions } from './driver'
import { parameterTexts, parsersByOid, sessionSettings } from './parameter-text'

/** Errors of the database that PGlite throws; the class itself is not exported. */
interface DatabaseError extends Error {
  readonly code: string
  readonly detail?: string
  readonly constraint?: string
  readonly table?: string
}

const identity = (text: string) => text

export function createPgliteStore(pglite: PGlite): Store {
  const parsers = Object.fromEntries(
    Object.keys(pglite.parsers).map((oid) => [oid, parsersByOid[Number(oid)] ?? identity]),
  )
  const serializers = new Proxy({}, { get: () => identity })

  async function run(transaction: Transaction, rowMode: 'object' | 'array', call: Call): Promise<unknown[]> {
    try {
      const values = parameterTexts(call.statement, call.parameters)
      const result = await transaction.query(call.statement, values, { rowMode, parsers, serializers })
      return result.rows
    } catch (error) {
      throw asSqlError(error, call.statement)
    }
  }

  function sqlOf(transaction: Transaction): Sql {
    return {
      query: async <Row extends object>(statement: string, parameters: readonly SqlParameter[] = []) =>
        (await run(transaction, 'object', { statement, parameters })) as Row[],
      rows: async (statement, parameters = []) =>
        (await run(transaction, 'array', { statement, parameters })) as SqlValue[][],
      exec: async (statements) => {
        try {
          await transaction.exec(statements)
        } catch (error) {
          throw asSqlError(error, statements)
        }
      },
    }
  }

  return {
    kind: 'pglite',
    async transaction(work, options) {
      try {
        return await pglite.transaction(async (transaction) => {
          await transaction.exec(beginSettings(options))
          return await work(sqlOf(transaction))
        })
      } catch (error) {
        throw asSqlError(error, 'commit')
      }
    },
    close: () => pglite.close(),
  }
}

interface Call {
  readonly statement: string
  readonly parameters: readonly SqlParameter[]
}

function beginSettings(options: TransactionOptions = {}): string {
  const mode = `set transaction isolation level ${options.isolation ?? 'read committed'}${options.readOnly ? ', read only' : ''}`
  return `${mode}; ${sessionSettings}`
}

/** Database errors become SqlError; anything else (a bug, a rejected action) passes unchanged. */
function asSqlError(error: unknown, statement: string): unknown {
  if (!(error instanceof Error) || error instanceof SqlError) return error
  const fields = error as DatabaseError
  if (typeof fields.code !== 'string' || !/^[0-9A-Z]{5}$/.test(fields.code)) return error
  return new SqlError({
    message: error.message,
    code: fields.code,
    detail: fields.detail ?? null,
    constraint: fields.constraint ?? null,
    table: fields.table ?? null,
    statement,
    cause: error,
  })
}
