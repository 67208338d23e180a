/**
 * Databases with the tracker's tables, installed and empty. Starting PGlite takes seconds, so each test file starts a
 * few and empties them between tests and files: `await emptyDatabase('device')` takes one from the pool, `releaseDatabases()` in
 * `afterEach` puts all back, `closeDatabases()` in `afterAll` ends them.
 */
import { migrations } from '@/db/migrations'
import { model } from '@/db/model'
import type { Store } from '@/lib/sync/store/driver'
import { install, type Side } from '@/lib/sync/store/install'
import { migrate } from '@/lib/sync/store/migrate'
import { createPgliteStore } from '@/lib/sync/store/pglite-driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { structureHash } from '@/lib/sync/store/structure'
import { newPglite } from './pglite'
import { createTestDatabase, type TestDatabase } from './postgres'

export const storeKinds = ['pglite', 'postgres'] as const
export type StoreKind = (typeof storeKinds)[number]

interface PooledDatabase {
  readonly place: string
  readonly store: Store
  readonly database: TestDatabase | null
  /** Of the tables it was made with. */
  readonly structure: string
  isTaken: boolean
}

const pool: PooledDatabase[] = []

/** An empty database of that side; a Postgres one belongs to an ordinary owner (ROL-2). */
export async function emptyDatabase(side: Side, kind: StoreKind = 'pglite'): Promise<Store> {
  const place = `${side} ${kind}`
  for (const free of pool.filter((pooled) => pooled.place === place && !pooled.isTaken)) {
    if ((await structureOf(free.store)) === free.structure) {
      free.isTaken = true
      await empty(free.store)
      return free.store
    }
    await end(free)
  }
  const database = kind === 'postgres' ? await createTestDatabase() : null
  const store = database ? createPostgresStore(database.url) : createPgliteStore(await newPglite())
  await migrate(store, migrations)
  await install(store, model, side)
  pool.push({ place, store, database, structure: await structureOf(store), isTaken: true })
  return store
}

/** A test may have changed the tables: then nobody else gets them. */
function structureOf(store: Store): Promise<string> {
  return store.transaction((sql) => structureHash(sql, model.tables))
}

async function end(pooled: PooledDatabase): Promise<void> {
  pool.splice(pool.indexOf(pooled), 1)
  await pooled.store.close()
  await pooled.database?.drop()
}

export function releaseDatabases(): void {
  for (const pooled of pool) pooled.isTaken = false
}

/** Those on Postgres are ended. A PGlite is kept for the test files that follow in this process. */
export async function closeDatabases(): Promise<void> {
  releaseDatabases()
  for (const pooled of pool.filter(({ database }) => database !== null)) await end(pooled)
}

/** Every row of the captured tables, or those of some audiences, as Postgres text in bytewise order. */
export async function dump(store: Store, audiences?: readonly string[]): Promise<Record<string, string[]>> {
  return store.transaction(async (sql) => {
    const tables: Record<string, string[]> = {}
    for (const table of model.tables) {
      const rows = await sql.query(
        `select * from public."${table}" where $1::jsonb is null or audience in (select jsonb_array_elements_text($1::jsonb))`,
        [audiences ? JSON.stringify(audiences) : null],
      )
      tables[table] = rows.map((row) => JSON.stringify(row)).sort()
    }
    return tables
  })
}

/** What the installer wrote stays; everything that tests wrote goes. */
async function empty(store: Store): Promise<void> {
  await store.transaction(async (sql) => {
    const tables = await sql.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname in ('public', 'sync') and tablename not in ('meta', 'migrations')`,
    )
    await sql.exec(`set local sync.mode = 'engine';
      truncate ${tables.map(({ name }) => name).join(', ')};
      delete from sync.meta where key <> 'installed'`)
  })
}
