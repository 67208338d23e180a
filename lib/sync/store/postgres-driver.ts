/**
 * The store on a Postgres server, through postgres.js. Everything is transaction-local, so that it works behind a
 * transaction pooler too (then with `prepare: false`).
 */
import postgres from 'postgres'
import { type Sql, SqlError, type Store } from './driver'
import { parameterTexts, parsersByOid, sessionSettings } from './parameter-text'

export interface PostgresOptions {
  /** Connections of the pool. Default 10. */
  readonly connectionsMax?: number
  /** Named prepared statements; switch off behind a transaction pooler. Default true. */
  readonly prepare?: boolean
}

const connectionLost = '08006'
const serializationFailure = '40001'
const transparentOids = [17, 20, 25, 114, 1082, 1083, 1114, 1182, 1184, 1185, 1115, 1231, 1700, 3802]

/** What is known about the connection of one open transaction. */
interface Link {
  /** Set once it is lost: nothing more may be sent, postgres.js would write to a closed socket, or to a fresh session. */
  lost: SqlError | null
  hasFailed: boolean
  /** Later statements would run by themselves, as the owner and for good. */
  hasEnded: boolean
}

export function createPostgresStore(url: string, { connectionsMax = 10, prepare = true }: PostgresOptions = {}): Store {
  const client = postgres(url, { max: connectionsMax, prepare, fetch_types: false, onnotice: () => undefined })
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
      const link: Link = { lost: null, hasFailed: false, hasEnded: false }
      try {
        const mode = `isolation level ${isolation}${readOnly ? ' read only' : ''}`
        const result = await client.begin(mode, (transaction) =>
          unlessLost(link, async () => {
            const sql = sqlOf(transaction, link, prepare)
            await sql.exec(sessionSettings)
            const value = await work(sql)
            // COMMIT of an aborted transaction rolls back without a word: any statement tells.
            if (link.hasFailed) await sql.rows('select 1')
            return { value }
          }),
        )
        return (result as { value: Awaited<ReturnType<typeof work>> }).value
      } catch (error) {
        throw noted(link, asSqlError(error, 'commit'))
      }
    },
    close: () => client.end({ timeout: 5 }),
  }
}

/**
 * The outcome of `work`, as long as there is a connection to commit or roll back on. Without one this never settles:
 * `begin` has rejected already, and would send its ROLLBACK to a closed socket, which ends the process.
 */
function unlessLost<Result>(link: Link, work: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    work()
      .finally(() => {
        link.hasEnded = true
      })
      .then(
        (result) => {
          if (!link.lost) resolve(result)
        },
        (error: unknown) => {
          if (!link.lost) reject(error)
        },
      )
  })
}

function sqlOf(transaction: postgres.TransactionSql, link: Link, prepare: boolean): Sql {
  // Never the simple protocol, which takes several statements at once.
  const oneStatement = { prepare, simple: false }

  async function run<Result>(statement: string, send: () => Promise<Result>): Promise<Result> {
    if (link.lost) throw link.lost
    if (link.hasEnded) throw new Error(`The transaction has ended: await every statement. Statement: ${statement}`)
    try {
      return await withoutMemory(send())
    } catch (error) {
      link.hasFailed = true
      throw noted(link, asSqlError(error, statement))
    }
  }

  return {
    async query<Row extends object>(statement: string, parameters = []) {
      const texts = parameterTexts(statement, parameters)
      const rows = await run(statement, () => transaction.unsafe(statement, texts, oneStatement))
      return Array.from(rows) as unknown as Row[]
    },
    async rows(statement, parameters = []) {
      const texts = parameterTexts(statement, parameters)
      return Array.from(await run(statement, () => transaction.unsafe(statement, texts, oneStatement).values()))
    },
    async exec(statements) {
      await run(statements, () => transaction.unsafe(statements).simple())
    },
    // postgres.js loses the error of a COPY that Postgres refuses at its end, and waits for ever.
    copyIn: () => Promise.reject(new Error('Only devices load rows by COPY, and devices are on PGlite.')),
  }
}

/**
 * postgres.js remembers the first error of a transaction through `catch` of the query and fails the commit with it,
 * also when a savepoint took the error back. Here an error belongs to whoever awaits the statement.
 */
function withoutMemory<Sent extends Promise<unknown>>(sent: Sent): Sent {
  return Object.assign(sent, { catch: () => sent })
}

function noted(link: Link, error: unknown): unknown {
  if (error instanceof SqlError && isLost(error)) link.lost ??= error
  return error
}

/** A function may raise any SQLSTATE, those of lost connections too: the severity tells, or that postgres.js says so. */
function isLost({ code, cause }: SqlError): boolean {
  if (cause instanceof postgres.PostgresError) return cause.severity === 'FATAL' || cause.severity === 'PANIC'
  return code === connectionLost
}

function asSqlError(error: unknown, statement: string): unknown {
  if (!(error instanceof Error) || error instanceof SqlError) return error
  if (error instanceof postgres.PostgresError) {
    // A migration changed what a prepared statement answers: it is prepared anew when the transaction is tried again.
    const isStalePlan = error.routine === 'RevalidateCachedQuery'
    return new SqlError({
      message: error.message,
      code: isStalePlan ? serializationFailure : error.code,
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
