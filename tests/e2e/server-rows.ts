/**
 * What the server's own database says, read past the application: from Postgres as its owner, from the embedded
 * database by opening its files while the server is down.
 */

import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { model } from '@/db/model'
import { exportRows } from '@/lib/sync/device/export-data'
import { capturedRows } from '@/lib/sync/store/captured-rows'
import { readCatalog } from '@/lib/sync/store/catalog'
import type { Store } from '@/lib/sync/store/driver'
import { createPgliteStore } from '@/lib/sync/store/pglite-driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import type { ProductionServer } from './server'

/** Rows of these audiences in the form of a device's export. An embedded server is killed for it and started again. */
export async function serverRows(server: ProductionServer, audiences: readonly string[]): Promise<string> {
  if (server.databaseUrl !== null)
    return readRows(createPostgresStore(server.databaseUrl, { connectionsMax: 1 }), audiences)
  await server.kill()
  const pglite = await PGlite.create(join(server.dataDirectory, 'postgres-18'))
  const rows = await readRows(createPgliteStore(pglite), audiences)
  await server.start()
  return rows
}

async function readRows(store: Store, audiences: readonly string[]): Promise<string> {
  try {
    const rows = await store.transaction(async (sql) =>
      exportRows(capturedRows(sql, await readCatalog(sql, model.tables)), [...audiences].sort()),
    )
    return JSON.stringify(rows, null, 1)
  } finally {
    await store.close()
  }
}
