/**
 * A device's database as its engine sees it: transactions with rows, pending actions, receipts, cursors and a stage for snapshots. This is its
 * SQL form, on PGlite; the simulation has one in memory, and `tests/contracts` holds both to the same behaviour.
 */
import { invariant } from '../../core/invariant'
import type { SnapshotTable } from '../../core/snapshot-stream'
import type { SyncModel } from '../../model'
import { bound } from '../bound'
import { capturedRows } from '../captured-rows'
import type { Catalog } from '../catalog'
import type { Sql, Store } from '../driver'
import type { Migration } from '../migrate'
import * as meta from './meta'
import * as pending from './pending'
import { prepareDatabase } from './prepare'
import * as receipts from './receipts'
import { clearStage, openStage, type StagedAudience, stageRows, swapIn } from './staging'

function deviceTransaction(sql: Sql, catalog: Catalog) {
  return {
    rows: capturedRows(sql, catalog),
    meta: bound(sql, meta),
    pending: bound(sql, pending),
    receipts: bound(sql, receipts),
    stage: {
      open: () => openStage(sql, catalog),
      clear: () => clearStage(sql, catalog),
      add: (table: SnapshotTable, text: string) => stageRows(sql, catalog, { ...table, text }),
      swapIn: (audience: StagedAudience) => swapIn(sql, catalog, audience),
    },
  }
}

export type DeviceTransaction = ReturnType<typeof deviceTransaction>

export interface DeviceStore {
  /**
   * Once, before the first transaction: brings the database to the tables of this build. Pending actions ran on the
   * older tables, so their layer is taken back for it; answers whether it is to be built anew.
   */
  prepare(): Promise<{ readonly isLayerGone: boolean }>
  /** Commits when `work` resolves, rolls back when it rejects; one after another. */
  transaction<Result>(work: (tx: DeviceTransaction) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

export interface DeviceDatabase {
  readonly store: Store
  readonly model: SyncModel
  readonly migrations: readonly Migration[]
}

export function createDeviceStore(database: DeviceDatabase): DeviceStore {
  let catalog: Catalog | null = null
  return {
    async prepare() {
      const prepared = await prepareDatabase(database)
      catalog = prepared.catalog
      return { isLayerGone: prepared.isLayerGone }
    },
    transaction: (work) =>
      database.store.transaction((sql) => {
        invariant(catalog, 'MIG-1', 'The database was used before it was prepared')
        return work(deviceTransaction(sql, catalog))
      }),
    close: () => database.store.close(),
  }
}
