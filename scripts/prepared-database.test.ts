/** What browsers load instead of making their tables. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { expect, it } from 'vitest'
import { migrations } from '../db/migrations'
import { model } from '../db/model'
import { createDeviceStore } from '../lib/sync/store/device/transaction'
import { missingMigrations } from '../lib/sync/store/migrate'
import { createPgliteStore } from '../lib/sync/store/pglite-driver'
import { prepareDeviceDatabase } from './prepared-database'
import { root } from './steps'

it('[TAB-3] a device that loads the prepared files finds its tables made, and nothing of anybody in them', async () => {
  const address = await prepareDeviceDatabase({ isReusing: true })
  expect(await prepareDeviceDatabase({ isReusing: true }), 'made once').toBe(address)
  const bytes = readFileSync(join(root, 'public', address))
  const pglite = await PGlite.create({ loadDataDir: new Blob([bytes], { type: 'application/x-gzip' }) })
  const store = createPgliteStore(pglite)
  expect(await missingMigrations(store, migrations)).toEqual([])
  const device = createDeviceStore({ store, model, migrations })
  expect(await device.prepare()).toEqual({ isLayerGone: false })
  await device.transaction(async (tx) => {
    expect((await tx.rows.allRows()).length).toBe(0)
    expect(await tx.meta.readMeta()).toMatchObject({ epoch: null, clientId: null, lastOrdinal: 0 })
    expect([...tx.rows.columnsByTable().keys()].sort()).toEqual([...model.tables].sort())
  })
  await pglite.close()
})
