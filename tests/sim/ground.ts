/** Where a simulated world keeps its databases: in memory, on PGlite, on Postgres. The engine's stores, and what a checker sees. */

import type { LogEntry } from '@/lib/sync/core/protocol'
import type { PendingRow } from '@/lib/sync/store/device/pending'
import type { ReceiptRow } from '@/lib/sync/store/device/receipts'
import type { DeviceStore } from '@/lib/sync/store/device/transaction'
import type { AcceptedAction, KnownId } from '@/lib/sync/store/server/history'
import type { AudienceHead } from '@/lib/sync/store/server/log'
import type { ServerStore } from '@/lib/sync/store/server/transaction'
import type { CurrentRow } from '@/lib/sync/store/set-rows'

export type RowLook = Pick<ReadonlyMap<string, CurrentRow>, 'get' | 'values'> & { readonly size: number }

/** The server's database between two transactions. */
export interface ServerLook {
  /** By `rowId`. */
  readonly rows: RowLook
  /** In replay order, and also those that compaction removed. */
  readonly accepted: readonly AcceptedAction[]
  /** All that were accepted; null where reading it often is too slow. */
  readonly arrived: readonly AcceptedAction[] | null
  readonly ids: Pick<ReadonlyMap<string, KnownId>, 'get' | 'values'>
  readonly heads: Pick<ReadonlyMap<string, AudienceHead>, 'get' | 'values'>
  /** Also those below the floors. */
  readonly entries: { values(): Iterable<LogEntry>; readonly size: number }
  readonly patchCount: number
}

export interface DeviceLook {
  readonly rows: RowLook
  /** In ordinal order. */
  readonly pending: readonly PendingRow[]
  readonly receipts: Pick<ReadonlyMap<string, ReceiptRow>, 'get' | 'values'>
  readonly cursors: ReadonlyMap<string, { readonly seq: number; readonly token: string }>
  /** The last list the server gave. */
  readonly audiences: ReadonlySet<string> | null
  readonly epoch: string | null
}

interface Database {
  /** Changes whenever the database may have changed. */
  version(): number
  /** A copy to go back to; only the latest one counts. */
  keep(): Promise<void>
  goBack(): Promise<void>
}

export interface ServerDatabase extends Database {
  readonly store: ServerStore
  look(): Promise<ServerLook>
  /** The rows at this very moment; null where that takes a statement. */
  peek(): RowLook | null
  /** As operators do after a restore. */
  forgetEpoch(): Promise<void>
}

export interface DeviceDatabase extends Database {
  /** The store of a new process. */
  readonly store: DeviceStore
  look(): Promise<DeviceLook>
  /** All of it is lost. */
  empty(): Promise<void>
  /** Everything of the other one, which stays as it is. */
  copyFrom(other: DeviceDatabase): Promise<void>
}

export interface Ground {
  server(): Promise<ServerDatabase>
  device(): Promise<DeviceDatabase>
  /** The databases of a world are no longer needed. */
  release(): Promise<void>
  close(): Promise<void>
}
