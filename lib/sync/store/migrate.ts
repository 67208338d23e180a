/**
 * Applies drizzle's migrations of captured tables, the same module on the server and on devices (MIG-1). They are DDL
 * only: data changes are actions.
 */
import type { Sql, Store } from './driver'
import { lockSchema, prepareMigration } from './install'

export interface Migration {
  /** As drizzle-kit names it, for example `0001_sturdy_otter`. */
  readonly tag: string
  readonly statements: readonly string[]
}

/** What is done around each migration, in its transaction. */
type Around = (sql: Sql, run: () => Promise<void>) => Promise<void>

/** Each migration in a transaction of its own; returns the tags that were applied now. */
export async function migrate(
  store: Store,
  migrations: readonly Migration[],
  around: Around = (_, run) => run(),
): Promise<string[]> {
  await store.transaction(async (sql) => {
    await lockSchema(sql)
    await sql.exec(`create schema if not exists sync;
      create table if not exists sync.migrations (tag text primary key, position integer not null)`)
  })
  const applied: string[] = []
  for (const [position, { tag, statements }] of migrations.entries()) {
    const isNew = await store.transaction(async (sql) => {
      await lockSchema(sql)
      const [done] = await sql.rows('select 1 from sync.migrations where tag = $1', [tag])
      if (done) return false
      await prepareMigration(sql)
      await around(sql, async () => {
        for (const statement of statements) await sql.exec(statement)
      })
      await sql.rows('insert into sync.migrations (tag, position) values ($1, $2)', [tag, position])
      return true
    })
    if (isNew) applied.push(tag)
  }
  return applied
}

/** Tags that are not applied yet; all of them when the database was never migrated. */
export async function missingMigrations(store: Store, migrations: readonly Migration[]): Promise<string[]> {
  const done = new Set(await appliedMigrations(store))
  return migrations.map((migration) => migration.tag).filter((tag) => !done.has(tag))
}

/** Tags that are applied and not among these: somebody newer has been here. */
export async function unknownMigrations(store: Store, migrations: readonly Migration[]): Promise<string[]> {
  const known = new Set(migrations.map((migration) => migration.tag))
  return (await appliedMigrations(store)).filter((tag) => !known.has(tag))
}

function appliedMigrations(store: Store): Promise<string[]> {
  return store.transaction(async (sql) => {
    const [known] = await sql.rows("select to_regclass('sync.migrations') is not null")
    if (known?.[0] !== true) return []
    return (await sql.query<{ tag: string }>('select tag from sync.migrations')).map((row) => row.tag)
  })
}
