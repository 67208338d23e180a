/**
 * What the engine knows about the captured tables of one open database: columns with their declared types, keys and
 * unique columns, read from the database's own catalog, so that it is true after any migration.
 */
import { invariant } from '../core/invariant'
import type { Sql } from './driver'

export interface CapturedColumn {
  readonly name: string
  /** As in a cast, for example `numeric(10,2)`. */
  readonly type: string
  readonly isGenerated: boolean
  /** SQL text of a constant default, used when an older image lacks the column. */
  readonly defaultSql: string | null
  readonly isExactNumber: boolean
}

export interface CapturedTable {
  readonly name: string
  readonly columns: readonly CapturedColumn[]
  /** Primary key columns in key order. */
  readonly key: readonly string[]
  /**
   * Columns that decide about unique or exclusion constraints without the whole key, those of index expressions and
   * conditions included: rows that change them may collide while they change places.
   */
  readonly collidingColumns: readonly string[]
}

export interface Catalog {
  readonly tables: ReadonlyMap<string, CapturedTable>
  /** Role that actions and reads run as (AUD-7). */
  readonly role: string
  isExactNumber(table: string, column: string): boolean
}

interface ColumnRow {
  table_name: string
  name: string
  type: string
  generated: string
  default_sql: string | null
  is_exact: boolean
}

interface KeyRow {
  table_name: string
  is_key: boolean
  /** JSON: plain columns in index order. */
  columns: string
  /** JSON: these, and the columns of expressions and of the condition. */
  all_columns: string
}

export async function readCatalog(sql: Sql, tables: readonly string[]): Promise<Catalog> {
  const columns = await sql.query<ColumnRow>(columnsSql, [JSON.stringify(tables)])
  const keys = await sql.query<KeyRow>(keysSql, [JSON.stringify(tables)])
  const role = await appRole(sql)
  const captured = new Map<string, CapturedTable>()
  for (const name of tables) {
    const own = columns.filter((column) => column.table_name === name)
    invariant(own.length > 0, 'MIG-1', `Table ${name} does not exist: run the migrations first`)
    const constraints = keys.filter((constraint) => constraint.table_name === name)
    const key = constraints.filter((constraint) => constraint.is_key).flatMap((c) => JSON.parse(c.columns) as string[])
    const colliding = constraints
      .filter((constraint) => !constraint.is_key)
      .filter((constraint) => {
        const columns = JSON.parse(constraint.columns) as string[]
        return !key.every((column) => columns.includes(column))
      })
      .flatMap((constraint) => JSON.parse(constraint.all_columns) as string[])
    captured.set(name, {
      name,
      columns: own.map(capturedColumn),
      key,
      collidingColumns: [...new Set(colliding)],
    })
  }
  const exact = new Set(columns.filter((column) => column.is_exact).map((c) => `${c.table_name} ${c.name}`))
  return { tables: captured, role, isExactNumber: (table, column) => exact.has(`${table} ${column}`) }
}

/** The role that actions and reads of the app run as (AUD-7). */
export async function appRole(sql: Sql): Promise<string> {
  const [database] = await sql.query<{ role: string }>("select current_database() || '_app' as role")
  invariant(database, 'AUD-7', 'The database did not tell its name')
  return database.role
}

export function capturedTable(catalog: Catalog, name: string): CapturedTable {
  const table = catalog.tables.get(name)
  invariant(table, 'CAP-1', `Table ${name} is not captured`)
  return table
}

function capturedColumn(row: ColumnRow): CapturedColumn {
  const isGenerated = row.generated !== ''
  return {
    name: row.name,
    type: row.type,
    isGenerated,
    defaultSql: isGenerated ? null : row.default_sql,
    isExactNumber: row.is_exact,
  }
}

const columnsSql = `
select c.relname as table_name, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
  a.attgenerated::text as generated, pg_get_expr(d.adbin, d.adrelid) as default_sql,
  a.atttypid in (20, 21, 23, 1700) as is_exact
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
  and c.relname in (select jsonb_array_elements_text($1::jsonb))
order by c.relname, a.attnum`

const keysSql = `
select c.relname as table_name, i.indisprimary as is_key,
  (select coalesce(jsonb_agg(a.attname order by k.n), '[]') from unnest(i.indkey::int2[]) with ordinality k(attnum, n)
   join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum where k.n <= i.indnkeyatts)::text as columns,
  (select coalesce(jsonb_agg(a.attname order by a.attnum), '[]') from pg_attribute a
   where a.attrelid = c.oid and a.attnum > 0 and (a.attnum = any((i.indkey::int2[])[0:i.indnkeyatts - 1]) or exists (
     select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
       and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum)))::text as all_columns
from pg_class c
join pg_index i on i.indrelid = c.oid and (i.indisunique or i.indisexclusion)
where c.relnamespace = 'public'::regnamespace and c.relname in (select jsonb_array_elements_text($1::jsonb))
order by c.relname, i.indexrelid`
