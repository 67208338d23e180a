/**
 * Makes a migrated database into one the engine can work on: its own schema, the app role, capture, fences, policies
 * and deferrable keys. Runs again after every migration; a run that would change nothing is skipped.
 */
import { hashText } from '../core/canonical-json'
import type { SyncModel } from '../model'
import { accessSql, contextFunctions, grantsSql, policyFunctionsSql, roleSql, userAudiencesSql } from './access'
import { captureSql, guardFunctions } from './capture'
import { type Catalog, readCatalog } from './catalog'
import { type Sql, SqlError, type Store } from './driver'
import { refuseUnfit } from './refusals'
import { quoteName } from './sql-text'
import { structureHash } from './structure'
import { deviceTables, serverTables } from './tables'

export type Side = 'server' | 'device'

/**
 * Throws InstallRefused with what to write instead, or an Error with the statements to run when the owner may not
 * create the app role (AUD-7). Cost: about ten statements per table, once per change of schema or model. A start that
 * finds everything as it was left looks at it with one statement: what somebody damaged is made again.
 */
export async function install(store: Store, model: SyncModel, side: Side): Promise<void> {
  await store.transaction(async (sql) => {
    await lockSchema(sql)
    if (await isInstalled(sql, model)) return
    await sql.exec(side === 'server' ? serverTables : deviceTables)
    await refuseUnfit(sql, model)
    const catalog = await readCatalog(sql, model.tables)
    await createRole(sql, catalog.role)
    await sql.exec(installText(model, catalog))
    await deferForeignKeys(sql, model)
    await sql.rows(
      `insert into sync.meta (key, value) values ('installed', $1)
       on conflict (key) do update set value = excluded.value`,
      [await installedMark(sql, model, await structureHash(sql, model.tables))],
    )
  })
}

/** Nothing of what this build would install is other than it left it. */
async function isInstalled(sql: Sql, model: SyncModel): Promise<boolean> {
  const [meta] = await sql.rows("select to_regclass('sync.meta') is not null")
  if (meta?.[0] !== true) return false
  const [installed] = await sql.query<{ value: string }>("select value from sync.meta where key = 'installed'")
  if (installed === undefined) return false
  const structure = await structureHash(sql, model.tables)
  // Of tables that are not there nothing can be read.
  return installed.value.endsWith(structure) && installed.value === (await installedMark(sql, model, structure))
}

async function installedMark(sql: Sql, model: SyncModel, structure: string): Promise<string> {
  const catalog = await readCatalog(sql, model.tables)
  const made = [model, [...catalog.tables.values()], serverTables, deviceTables, installText(model, catalog)]
  return `${hashText(JSON.stringify(made))} ${structure}`
}

/** Two servers that start at the same time migrate and install one after the other. */
export async function lockSchema(sql: Sql): Promise<void> {
  await sql.rows("select pg_advisory_xact_lock(hashtextextended('beamline schema', 0))")
}

/** Before a migration: the view and the policies stand in the way of ALTER TABLE (MIG-1). Without the view nothing is admitted. */
export async function prepareMigration(sql: Sql): Promise<void> {
  await sql.exec(dropPolicies)
  await sql.exec('drop view if exists sync.user_audiences')
  const [schema] = await sql.rows("select to_regclass('sync.meta') is not null")
  if (schema?.[0] === true) await sql.exec("delete from sync.meta where key = 'installed'")
}

const dropPolicies = `do $body$ declare own record; begin
  for own in select tablename, policyname from pg_policies where schemaname = 'public' and policyname like 'sync\\_%' loop
    execute format('drop policy %I on public.%I', own.policyname, own.tablename);
  end loop;
end $body$;`

function installText(model: SyncModel, catalog: Catalog): string {
  const perTable = [...catalog.tables.values()].map(
    (table) => `${captureSql(table)}\n${accessSql(table, model.policies[table.name] ?? {})}`,
  )
  return [
    guardFunctions,
    contextFunctions,
    policyFunctionsSql(model),
    ...perTable,
    userAudiencesSql(model),
    grantsSql(model, catalog.role),
  ].join('\n')
}

async function createRole(sql: Sql, role: string): Promise<void> {
  await sql.exec('savepoint role')
  try {
    await sql.exec(roleSql(role))
    await sql.exec('release savepoint role')
  } catch (error) {
    if (!(error instanceof SqlError) || error.code !== '42501') throw error
    await sql.exec('rollback to savepoint role')
    const [user] = await sql.query<{ name: string }>('select current_user::text as name')
    throw new Error(
      `This database user may not create the role actions run as. Ask an administrator to run:\n${roleStatements(role, user?.name ?? '')}\nand start again (AUD-7).`,
      { cause: error },
    )
  }
}

function roleStatements(role: string, user: string): string {
  const create = `  CREATE ROLE ${quoteName(role)} NOLOGIN NOINHERIT;`
  return `${create}\n  GRANT ${quoteName(role)} TO ${quoteName(user)} WITH SET TRUE, INHERIT FALSE;`
}

/** Foreign keys between captured tables wait for the end of an action (ROL-2). */
async function deferForeignKeys(sql: Sql, model: SyncModel): Promise<void> {
  const keys = await sql.query<{ table_name: string; name: string }>(
    `select c.relname::text as table_name, k.conname::text as name from pg_constraint k
     join pg_class c on c.oid = k.conrelid
     where k.contype = 'f' and not (k.condeferrable and k.condeferred) and c.relnamespace = 'public'::regnamespace
       and c.relname in (select jsonb_array_elements_text($1::jsonb))`,
    [JSON.stringify(model.tables)],
  )
  for (const key of keys) {
    await sql.exec(
      `alter table public.${quoteName(key.table_name)} alter constraint ${quoteName(key.name)} deferrable initially deferred`,
    )
  }
}
