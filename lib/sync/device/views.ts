/**
 * What screens see of the engine. Plain data that crosses the worker boundary.
 */
import type { ColumnDifference } from '../core/shown'

/** What became of an action of this user, as the inbox shows it. */
export interface ReceiptView {
  readonly actionId: string
  readonly name: string
  readonly version: number
  /** Null when the action was done on another device of this user. */
  readonly input: unknown
  /**
   * `pending`: not yet confirmed by the server. `applied`: confirmed as previewed. `corrected`: confirmed with another
   * result than previewed (`difference`). `rejected`: a rule said no, may change on replay. `refused`: final.
   * `held`: cannot be answered now, nothing is lost.
   */
  readonly status: 'pending' | 'applied' | 'corrected' | 'rejected' | 'refused' | 'held'
  readonly reason: string | null
  readonly details: unknown
  /** Accepted with a later clock than it asked for: information, not a problem. */
  readonly restamped: boolean
  /** Only for `pending`: its last replay here threw, so the server may say no (REC-4). */
  readonly mayBeRejected: boolean
  /** Only for `corrected`: what the author saw and what is true now, column by column, as Postgres text. */
  readonly difference: readonly ColumnDifference[]
  /** When the action was done, by its clock. Milliseconds since 1970. */
  readonly atMs: number
  readonly seen: boolean
}

/** The state of the connection between this device and the server. */
export interface SyncStatus {
  /**
   * `starting`: the database opens. `loading`: the first rows are on their way. `synced`: nothing waits.
   * `waiting`: `pendingCount` actions wait for the server. `offline`: the server cannot be reached. `signed-out`: sync pauses until sign-in;
   * work goes on. `needs-update`: the server, or another tab, runs a newer app.
   * `stopped`: a bug was found; sync stopped, the work is kept.
   */
  readonly kind: 'starting' | 'loading' | 'synced' | 'waiting' | 'offline' | 'signed-out' | 'needs-update' | 'stopped'
  readonly pendingCount: number
  /** Null until the first exchange of this device was answered. */
  readonly lastExchangeAtMs: number | null
  /** How many rows of large audiences have arrived, of how many; null when none is on its way. */
  readonly loading: { readonly rows: number; readonly ofRows: number } | null
  /** A sentence for a person, when there is something to say. */
  readonly message: string | null
  /** `opfs`, `indexeddb` or `memory` ("not kept on this device"); null while starting. */
  readonly storage: 'opfs' | 'indexeddb' | 'memory' | null
  /** There is no room left: nothing new can be kept or loaded. It ends by itself when there is room again. */
  readonly isFull: boolean
  /** Its new id when this browser had kept nothing of it at the start: it began anew. Null when it was known. */
  readonly begunAs: string | null
}

/** Before anything is known of the device. */
export const startingStatus: SyncStatus = {
  kind: 'starting',
  pendingCount: 0,
  lastExchangeAtMs: null,
  loading: null,
  message: null,
  storage: null,
  isFull: false,
  begunAs: null,
}

/** The receipt by which `.settled` resolves. */
export type SettledReceipt = ReceiptView

/** What calling an action gives: resolves when it is durable on this device, `settled` when the server has answered (ACT-7). */
export interface ActionCall<Value> extends Promise<Value> {
  readonly settled: Promise<SettledReceipt>
}
