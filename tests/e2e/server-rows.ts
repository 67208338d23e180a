/** The rows that the server's own database has. */
import { model } from '@/db/model'
import { exportRows } from '@/lib/sync/device/export-data'
import { capturedRows } from '@/lib/sync/store/captured-rows'
import { readCatalog } from '@/lib/sync/store/catalog'
import type { ProductionServer } from './server'
import { atServerDatabase } from './server-database'

/** Rows of these audiences in the form of a device's export. */
export async function serverRows(server: ProductionServer, audiences: readonly string[]): Promise<string> {
  const rows = await atServerDatabase(server, (store) =>
    store.transaction(async (sql) =>
      exportRows(capturedRows(sql, await readCatalog(sql, model.tables)), [...audiences].sort()),
    ),
  )
  return JSON.stringify(rows, null, 1)
}
