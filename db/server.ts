/**
 * The server's database: any Postgres, or one PGlite inside this process. You probably do not need to edit this.
 *
 * Accounts live in the same database (schema `auth`), reached through drizzle because the auth library wants it so. On
 * the embedded database both share the one connection; a drizzle call inside a transaction of the store would therefore
 * wait for ever, so accounts are never read there.
 */
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { drizzle as drizzleOnPglite } from 'drizzle-orm/pglite'
import { drizzle as drizzleOnPostgres } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Store } from '@/lib/sync/store/driver'
import { install } from '@/lib/sync/store/install'
import { type Migration, migrate, missingMigrations } from '@/lib/sync/store/migrate'
import { createPgliteStore } from '@/lib/sync/store/pglite-driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { createPostgresNotices, type Notices } from '@/lib/sync/store/postgres-notices'
import { noteSchema, type SchemaChange, sealingChange } from '@/lib/sync/store/server/schema-change'
import { serverTables } from '@/lib/sync/store/tables'
import { openDataDirectory } from '@/server/data-directory'
import authJournal from './auth-migrations/meta/_journal.json'
import * as authTables from './auth-schema'
import { migrations, schemaFingerprint } from './migrations'
import { model } from './model'

/** The drizzle handle of accounts and sessions. */
export type AuthDatabase = PgDatabase<PgQueryResultHKT, typeof authTables>

export interface Database {
  readonly store: Store
  readonly auth: AuthDatabase
  /** Between several servers on one Postgres; null on the embedded database, which belongs to one
   * process, and behind a pooler. */
  readonly notices: Notices | null
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Null: the embedded database in `dataDirectory`. */
  readonly databaseUrl: string | null
  readonly dataDirectory: string
  /** What the user started, for the message another process gets while this one has the embedded database open. */
  readonly command: string
  /** Past a pooler, for what belongs to one connection: LISTEN. */
  readonly directUrl: string | null
  /** Off behind a transaction pooler, which hands every statement to another connection. */
  readonly prepare: boolean
}

export function openDatabase(options: DatabaseOptions): Promise<Database> | Database {
  return options.databaseUrl === null ? openEmbedded(options) : openPostgres(options.databaseUrl, options)
}

async function openEmbedded({ dataDirectory, command }: DatabaseOptions): Promise<Database> {
  const directory = await openDataDirectory(dataDirectory, command)
  try {
    const pglite = await PGlite.create(directory.databaseDirectory)
    const store = createPgliteStore(pglite)
    return {
      store,
      auth: drizzleOnPglite(pglite, { schema: authTables }),
      notices: null,
      async close() {
        await store.close()
        await directory.release()
      },
    }
  } catch (error) {
    await directory.release()
    throw error
  }
}

function openPostgres(url: string, { prepare, directUrl }: DatabaseOptions): Database {
  const store = createPostgresStore(url, { prepare })
  const accounts = postgres(url, { max: 4, prepare, onnotice: () => undefined })
  // A pooler would hand LISTEN to somebody else.
  const isPooled = !prepare && directUrl === null
  const notices = isPooled ? null : createPostgresNotices({ url: directUrl ?? url, self: randomUUID() })
  return {
    store,
    notices,
    auth: drizzleOnPostgres(accounts, { schema: authTables }),
    async close() {
      await Promise.all([store.close(), notices?.close(), accounts.end({ timeout: 5 })])
    },
  }
}

/** Tables, policies and functions of this build, as one value: a database prepared for another one is not ready. */
export const preparation = createHash('sha256')
  .update(JSON.stringify([schemaFingerprint, authJournal.entries.map((entry) => entry.tag), model, serverTables]))
  .digest('hex')
  .slice(0, 32)

const preparationKey = 'server.preparation'

/** Brings tables, triggers, policies and accounts up to this build. Returns the migrations that were missing. */
export async function prepareDatabase(store: Store, change: SchemaChange): Promise<readonly string[]> {
  const captured = await migrate(store, migrations, sealingChange(change))
  const applied = [...captured, ...(await migrate(store, readAuthMigrations()))]
  await install(store, model, 'server')
  await store.transaction(async (sql) => {
    await sql.rows(
      `insert into sync.meta (key, value) values ($1, $2)
       on conflict (key) do update set value = excluded.value`,
      [preparationKey, preparation],
    )
    await noteSchema(sql, schemaFingerprint)
  })
  return applied
}

/** What `prepareDatabase` would have to do, in words for a person; null when there is nothing to do. */
export async function unpreparedReason(store: Store): Promise<string | null> {
  const tags = [...migrations.map((migration) => migration.tag), ...authJournal.entries.map(authTag)]
  const missing = await missingMigrations(
    store,
    tags.map((tag) => ({ tag, statements: [] })),
  )
  if (missing.length === tags.length) return 'it has no tables yet'
  if (missing.length > 0) return `migrations are missing: ${missing.join(', ')}`
  const [found] = await store.transaction((sql) =>
    sql.rows('select value from sync.meta where key = $1', [preparationKey]),
  )
  return found?.[0] === preparation ? null : 'its policies or triggers belong to another build'
}

/** Tags share one table with the captured migrations, so they carry the folder. */
const authTag = (entry: { readonly tag: string }) => `auth/${entry.tag}`

function readAuthMigrations(): readonly Migration[] {
  const directory = join(process.cwd(), 'db', 'auth-migrations')
  return authJournal.entries.map((entry) => ({
    tag: authTag(entry),
    statements: readFileSync(join(directory, `${entry.tag}.sql`), 'utf8').split('--> statement-breakpoint'),
  }))
}
