/**
 * The one SQL interface of the engine. Two drivers implement it (PGlite, postgres.js); `tests/contracts` holds both to
 * the same behaviour.
 *
 * Values: boolean and the small number types (int2, int4, oid, float4, float8) arrive as JavaScript values, SQL null as
 * null, everything else as Postgres text. Parameters go out as text: strings, numbers, booleans, null, Uint8Array.
 */

export type SqlValue = string | number | boolean | null
export type SqlParameter = string | number | boolean | null | undefined | bigint | Date | Uint8Array

/** An error of the database, the same shape from both drivers. */
export class SqlError extends Error {
  override readonly name = 'SqlError'
  /** SQLSTATE, five characters; `08006` when the connection was lost. */
  readonly code: string
  readonly detail: string | null
  readonly constraint: string | null
  readonly table: string | null
  readonly statement: string
  constructor(fields: {
    message: string
    code: string
    detail?: string | null
    constraint?: string | null
    table?: string | null
    statement: string
    cause?: unknown
  }) {
    super(fields.message, { cause: fields.cause })
    this.code = fields.code
    this.detail = fields.detail ?? null
    this.constraint = fields.constraint ?? null
    this.table = fields.table ?? null
    this.statement = fields.statement
  }
}

/** An open transaction. Statements run one after another. */
export interface Sql {
  /** One statement with parameters `$1 …`; rows as objects by column name. */
  query<Row extends object = Record<string, SqlValue>>(
    statement: string,
    parameters?: readonly SqlParameter[],
  ): Promise<Row[]>
  /** The same, rows as arrays in column order (two columns may share a name). */
  rows(statement: string, parameters?: readonly SqlParameter[]): Promise<SqlValue[][]>
  /** Several statements without parameters: DDL, savepoints. Engine text only, never client text. */
  exec(statements: string): Promise<void>
  /** On PGlite only. `target` is a table with its columns; `text` holds whole rows in the text form of COPY. */
  copyIn(target: string, text: string): Promise<void>
}

export interface TransactionOptions {
  /** Default `read committed`. */
  readonly isolation?: 'read committed' | 'repeatable read'
  readonly readOnly?: boolean
}

export interface Store {
  readonly kind: 'pglite' | 'postgres'
  /** Commits when `work` resolves, rolls back when it rejects. Transactions do not nest: use savepoints. */
  transaction<Result>(work: (sql: Sql) => Promise<Result>, options?: TransactionOptions): Promise<Result>
  close(): Promise<void>
}
