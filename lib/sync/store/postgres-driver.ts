/**
 * The store on a Postgres server, through postgres.js. Everything is transaction-local, so that it works behind a
 * transaction pooler too (then with `prepare: false`).
 */
import postgres from 'postgres'
import { type Sql, SqlError, type SqlParameter, type SqlValue, type Store } from './driver'
import { parameterText, parsersByOid, sessionSettings } from './parameter-text'

export interface PostgresOptions {
  /** Connections of the pool. Default 10. */
  readonly connectionsMax?: number
  /** Named prepared statements; switch off behind a transaction pooler. Default true. */
  readonly prepare?: boolean
}

const connectionLost = '08006'
const transparentOids = [17, 20, 25, 114, 1082, 1083, 1114, 1182, 1184, 1185, 1115, 1231, 1700, 3802]

export function createPostgresStore(url: string, options: PostgresOptions = {}): Store {
  const client = postgres(url, {
    max: options.connectionsMax ?? 10,
    prepare: options.prepare ?? true,
    fetch_types: false,
    onnotice: () => {},
  })
  const identity = (value: string) => value
  for (const oid of transparentOids) {
    client.options.parsers[oid] = identity
    client.options.serializers[oid] = identity
  }
  for (const [oid, parse] of Object.entries(parsersByOid)) {
    client.options.parsers[Number(oid)] = parse
    client.options.serializers[Number(oid)] = identity
  }

  return {
    kind: 'postgres',
    async transaction(work, { isolation = 'read committed', readOnly = false } = {}) {
      try {
        const mode = `isolation level ${isolation}${readOnly ? ' read only' : ''}`
        const result = await client.begin(mode, async (transaction) => {
          await transaction.unsafe(sessionSettings)
          return { value: await work(sqlOf(transaction)) }
        })
        return (result as { value: Awaited<ReturnType<typeof work>> }).value
      } catch (error) {
        throw asSqlError(error, 'commit')
      }
    },
    close: () => client.end({ timeout: 5 }),
  }
}

function sqlOf(transaction: postgres.TransactionSql): Sql {
  return {
    async query<Row extends object>(statement: string, parameters: readonly SqlParameter[] = []) {
      try {
        const rows = await transaction.unsafe(statement, parameters.map(parameterText))
        return Array.from(rows) as unknown as Row[]
      } catch (error) {
        throw asSqlError(error, statement)
      }
    },
    async rows(statement, parameters = []) {
      try {
        const rows = await transaction.unsafe(statement, parameters.map(parameterText)).values()
        return Array.from(rows) as unknown as SqlValue[][]
      } catch (error) {
        throw asSqlError(error, statement)
      }
    },
    async exec(statements) {
      try {
        await transaction.unsafe(statements).simple()
      } catch (error) {
        throw asSqlError(error, statements)
      }
    },
  }
}

function asSqlError(error: unknown, statement: string): unknown {
  if (!(error instanceof Error) || error instanceof SqlError) return error
  if (error instanceof postgres.PostgresError) {
    return new SqlError({
      message: error.message,
      code: error.code,
      detail: error.detail ?? null,
      constraint: error.constraint_name ?? null,
      table: error.table_name ?? null,
      statement,
      cause: error,
    })
  }
  const code = (error as Error & { code?: unknown }).code
  const isConnection = typeof code === 'string' && /^(CONNECT|ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH)/.test(code)
  return isConnection ? new SqlError({ message: error.message, code: connectionLost, statement, cause: error }) : error
}
