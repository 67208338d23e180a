/**
 * The server's database as the authority sees it: transactions with canonical rows, history, log and grants. This is
 * its SQL form; the simulation has one in memory, and `tests/contracts` holds both to the same behaviour.
 */
import type { SyncModel } from '../../model'
import { bound } from '../bound'
import { capturedRows } from '../captured-rows'
import { type Catalog, readCatalog } from '../catalog'
import type { Sql, Store } from '../driver'
import * as deploys from './deploys'
import * as grants from './grants'
import * as history from './history'
import * as horizon from './horizon'
import * as limits from './limits'
import * as log from './log'
import { inSavepoint } from './savepoint'

function serverTransaction(sql: Sql, catalog: Catalog) {
  return {
    rows: capturedRows(sql, catalog),
    history: bound(sql, history),
    log: bound(sql, log),
    deploys: bound(sql, deploys),
    grants: bound(sql, grants),
    horizon: bound(sql, horizon),
    ...bound(sql, limits),
    inSavepoint: <Result>(work: () => Promise<Result>) => inSavepoint(sql, work),
  }
}

export type ServerTransaction = ReturnType<typeof serverTransaction>

export interface ServerStore {
  /** One connection for everybody: whoever reads slowly must not hold a transaction open. */
  readonly isShared: boolean
  /** READ COMMITTED, as an ingest must be (ING-1). Commits when `work` resolves, rolls back when it rejects. */
  transaction<Result>(work: (tx: ServerTransaction) => Promise<Result>): Promise<Result>
  /** One consistent read: REPEATABLE READ, read only. */
  read<Result>(work: (tx: ServerTransaction) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** `store` is migrated and installed (`migrate`, `install(store, model, 'server')`). */
export function createServerStore(store: Store, model: SyncModel): ServerStore {
  // Read once per process: a migration comes with a new process.
  let catalog: Catalog | null = null
  const opened = async (sql: Sql) => {
    catalog ??= await readCatalog(sql, model.tables)
    return serverTransaction(sql, catalog)
  }
  return {
    isShared: store.kind === 'pglite',
    transaction: (work) => store.transaction(async (sql) => work(await opened(sql))),
    read: (work) =>
      store.transaction(async (sql) => work(await opened(sql)), { isolation: 'repeatable read', readOnly: true }),
    close: () => store.close(),
  }
}
