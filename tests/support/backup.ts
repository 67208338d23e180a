/** A database as it is now, to be put back later or elsewhere. Values stay in Postgres: JavaScript never looks inside. */
import type { Sql, Store } from '@/lib/sync/store/driver'

/** Rows as JSON text, by table. */
export type Backup = ReadonlyMap<string, string>

export async function backUp(store: Store): Promise<Backup> {
  return store.transaction(async (sql) => {
    const rows = new Map<string, string>()
    for (const { table } of await tables(sql)) {
      const [all] = await sql.rows(`select coalesce(jsonb_agg(to_jsonb(t)), '[]')::text from ${table} t`)
      rows.set(table, String(all?.[0]))
    }
    return rows
  })
}

export async function restore(store: Store, backup: Backup): Promise<void> {
  await store.transaction(async (sql) => {
    const all = await tables(sql)
    await sql.exec(`set local sync.mode = 'engine'; set constraints all deferred;
      truncate ${all.map(({ table }) => table).join(', ')}`)
    for (const { table, columns } of all) {
      await sql.rows(
        `insert into ${table} (${columns}) overriding system value
         select ${columns} from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
        [backup.get(table) ?? '[]'],
      )
    }
    // In a copy, what comes next must come after what was copied.
    await sql.exec(`select setval(pg_get_serial_sequence('sync.patches', 'ordinal'),
      greatest(nextval(pg_get_serial_sequence('sync.patches', 'ordinal')), (select max(ordinal) from sync.patches)))`)
  })
}

/** With the columns that can be written. */
function tables(sql: Sql): Promise<{ table: string; columns: string }[]> {
  return sql.query(
    `select format('%I.%I', t.schemaname, t.tablename) as table, (
       select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
       where a.attrelid = format('%I.%I', t.schemaname, t.tablename)::regclass and a.attnum > 0
         and not a.attisdropped and a.attgenerated = '') as columns
     from pg_tables t where t.schemaname in ('public', 'sync') order by 1`,
  )
}
