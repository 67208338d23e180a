/**
 * Around a migration of the server's captured tables (DEP-2): nobody ingests meanwhile, history is sealed when a column
 * that was there is another one afterwards, and until all migrations are through no server may work. In the migration's
 * own transaction: one that fails leaves everything as it was.
 */
import { changedSince, type Fingerprints } from '../../core/deploy'
import { lockPlan } from '../../core/replay-set'
import type { Sql } from '../driver'
import { sealEverything, writeDeploy } from './deploys'
import { takeLocks } from './limits'

/** No server has these tables. */
const betweenMigrations = 'between migrations'

export interface SchemaChange {
  /** False in development, where old actions may meet new tables. */
  readonly isSealing: boolean
}

export function sealingChange({ isSealing }: SchemaChange) {
  return async (sql: Sql, migrate: () => Promise<void>): Promise<void> => {
    const [known] = await sql.rows("select to_regclass('sync.audiences') is not null")
    if (known?.[0] !== true) return migrate()
    await takeLocks(sql, lockPlan([], true))
    const before = await columnsOf(sql)
    await migrate()
    const isChanged = changedSince(before, await columnsOf(sql)).length > 0
    if (isChanged && isSealing) await sealEverything(sql)
    await writeDeploy(sql, { schema: betweenMigrations })
  }
}

/** All migrations are through: servers with these tables may work. */
export async function noteSchema(sql: Sql, schema: string): Promise<void> {
  await takeLocks(sql, lockPlan([], true))
  await writeDeploy(sql, { schema })
}

/**
 * What decides how a row of a captured table is read and written, by column; and per table what must hold between its
 * columns. A new column, or a table, is a key that was not there.
 */
async function columnsOf(sql: Sql): Promise<Fingerprints> {
  const rows = await sql.query<{ key: string; print: string }>(
    `select format('column %s.%s', c.relname, a.attname) as key,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation::regcollation, a.attgenerated,
         pg_get_expr(d.adbin, d.adrelid)) as print
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
     union all
     select format('constraints of %s', c.relname),
       coalesce(string_agg(pg_get_constraintdef(k.oid), '; ' order by k.conname::text collate "C"), '')
     from pg_class c left join pg_constraint k on k.conrelid = c.oid and k.contype <> 'n'
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' group by c.oid, c.relname`,
  )
  return Object.fromEntries(rows.map(({ key, print }) => [key, print]))
}
