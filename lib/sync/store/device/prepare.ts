/** Opening a device's database: the tables of this build, from whatever build wrote it last (MIG-1). */
import { invariant } from '../../core/invariant'
import { enterEngine } from '../action-context'
import { type Catalog, readCatalog } from '../catalog'
import type { Sql, Store } from '../driver'
import { install } from '../install'
import { migrate, missingMigrations, unknownMigrations } from '../migrate'
import { dropPatches, rollBack } from '../roll-back'
import { quoteName } from '../sql-text'
import type { DeviceDatabase } from './transaction'

/**
 * Brings the database to this build and answers its catalog. Pending actions ran on the older tables: their layer is
 * taken back first, and built anew afterwards. Answers whether that is due.
 */
export async function prepareDatabase({
  store,
  model,
  migrations,
}: DeviceDatabase): Promise<{ catalog: Catalog; isLayerGone: boolean }> {
  const unknown = await unknownMigrations(store, migrations)
  invariant(unknown.length === 0, 'MIG-1', ['Tables of a newer app are not touched', unknown])
  const isLayerGone = (await missingMigrations(store, migrations)).length > 0 && (await dropLayer(store))
  await store.transaction(dropLiveTriggers)
  await migrate(store, migrations)
  await install(store, model, 'device')
  const catalog = await store.transaction((sql) => readCatalog(sql, model.tables))
  return { catalog, isLayerGone }
}

async function dropLayer(store: Store): Promise<boolean> {
  return store.transaction(async (sql) => {
    const [known] = await sql.rows("select to_regclass('sync.patches') is not null")
    if (known?.[0] !== true) return false
    // The tables of this build may not exist yet: only those that patches speak of matter here.
    const touched = await sql.query<{ table_name: string }>('select distinct table_name from sync.patches')
    const catalog = await readCatalog(
      sql,
      touched.map((row) => row.table_name),
    )
    await enterEngine(sql)
    await rollBack(sql, catalog, 'all')
    await dropPatches(sql, 'all')
    return true
  })
}

/** PGlite's live queries leave a trigger on each table they watch. It is made anew on first use, and installation refuses triggers it does not know. */
async function dropLiveTriggers(sql: Sql): Promise<void> {
  const triggers = await sql.query<{ name: string; table_name: string }>(
    `select t.tgname as name, c.relname as table_name from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = 'public'::regnamespace and t.tgname like '\\_notify\\_trigger\\_%'`,
  )
  for (const { name, table_name } of triggers) {
    await sql.exec(`drop trigger ${quoteName(name)} on public.${quoteName(table_name)}`)
  }
}
