/**
 * What a tab sees of its device: the engine runs in a worker (TAB-1), so everything here is one message, never one per
 * statement. Screens do not use this directly: the hooks of `react/` do.
 */
import type { SqlValue } from '../store/driver'
import type { DigestReport } from './digests'
import type { ImportReport } from './import-pending'
import type { ActionCall, ReceiptView, SyncStatus } from './views'

/** A value that changes, in the shape of `useSyncExternalStore`. `get` answers the same object until it changes. */
export interface Readable<Value> {
  get(): Value
  subscribe(listener: () => void): () => void
}

/** A SELECT as drizzle writes it, with its parameters as it would send them. */
export interface LiveStatement {
  readonly sql: string
  readonly params: readonly unknown[]
}

/** A row as an array in column order, values as `store/driver.ts` says: what drizzle maps from. */
export type RawRow = readonly SqlValue[]

export interface LiveListener {
  onRows(rows: readonly RawRow[]): void
  onError(error: Error): void
}

export interface ExecuteOptions {
  /** Names what a person did: pressed twice, or sent twice, it runs once and answers the same (FM-28). */
  readonly gesture?: string
}

export interface DeviceClient {
  readonly userId: string
  readonly status: Readable<SyncStatus>
  /** Newest first: what is pending, and what became of the actions of this user. */
  readonly receipts: Readable<readonly ReceiptView[]>
  /** Runs an action here, at once. Resolves when it is durable on this device (EXE-1). */
  execute(name: string, input: unknown, options?: ExecuteOptions): ActionCall<unknown>
  /** Keeps a SELECT live. Returns how to stop it. */
  watch(statement: LiveStatement, listener: LiveListener): () => void
  markSeen(actionIds: readonly string[]): Promise<void>
  exportData(): Promise<string>
  /** What waits for the server, as the text of a file: for another device of the same person (OUT-2). */
  exportPending(): Promise<string>
  /** Takes in such a file. It waits here from now on, and is sent; what is known already is not done again. */
  importPending(text: string): Promise<ImportReport>
  syncNow(): Promise<void>
  /** Compares the rows of every audience with the server's, now, and loads anew what differs. */
  verify(): Promise<DigestReport>
  /** What the last comparisons found. */
  digestReport(): Promise<DigestReport>
  /** Loads everything anew from the server. What waits is kept and sent, and rows stay until others are here. */
  resync(): Promise<void>
  discardPending(): Promise<number>
  close(): Promise<void>
}

/** Why a call of the device failed, where it was not the action's own rule (that is `ActionRejected`). */
export type FailureCode =
  /** The input does not fit the action's schema, is too large or holds characters no database takes. */
  | 'invalid-input'
  /** The action is not in the registry. */
  | 'unknown-action'
  /** The action threw something that is not `reject()`: a bug, or a constraint of the database. */
  | 'error'
  /** It could not be written durably on this device: nothing was recorded (EXE-1). */
  | 'storage'
  /** The database is not open here (another tab has it, or it is closing). */
  | 'unavailable'
  /** It was done before, under the same id, and its value is not kept any more. */
  | 'repeated'
  /** No answer in time. */
  | 'timeout'

/** An expected failure of a call, with the SQLSTATE and constraint when the database said no (TAB-1). */
export class DeviceFailure extends Error {
  override readonly name = 'DeviceFailure'
  readonly sqlState: string | null
  readonly constraint: string | null
  constructor(
    readonly code: FailureCode,
    message: string,
    database: { readonly sqlState?: string | null; readonly constraint?: string | null; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: database.cause })
    this.sqlState = database.sqlState ?? null
    this.constraint = database.constraint ?? null
  }
}
