/**
 * Makes rows equal to given images: the one way the engine writes captured tables, for roll back (ROL-1) and for
 * applying what the server says (APP-1). Set-based: at most three statements per table, whatever the number of rows.
 * Must run in engine mode.
 */
import type { Image } from '../core/protocol'
import { imageExpression, keyExpression, keyMatch } from './capture'
import { type CapturedColumn, type CapturedTable, type Catalog, capturedTable } from './catalog'
import type { Sql } from './driver'
import { quoteName, quoteText } from './sql-text'

export interface RowTarget {
  readonly table: string
  readonly key: string
  /** Null: the row must not exist. */
  readonly image: Image | null
}

/**
 * Deletes rows that should not exist, updates in place those that exist on both sides with equal unique columns, and
 * deletes and re-inserts only the rest, so that two rows may swap a unique value (ROL-1).
 */
export async function setRows(sql: Sql, catalog: Catalog, targets: readonly RowTarget[]): Promise<void> {
  const byTable = new Map<string, RowTarget[]>()
  for (const target of targets) {
    const list = byTable.get(target.table)
    if (list) list.push(target)
    else byTable.set(target.table, [target])
  }
  const batches = [...byTable].map(([name, rows]) => ({
    table: capturedTable(catalog, name),
    rows: JSON.stringify(rows.map(({ key, image }) => [key, image])),
    isSetting: rows.some((row) => row.image !== null),
  }))
  for (const { table, rows } of batches) await sql.rows(deleteSql(table), [rows])
  for (const { table, rows, isSetting } of batches) {
    if (!isSetting) continue
    const update = updateSql(table)
    if (update) await sql.rows(update, [rows])
    await sql.rows(insertSql(table), [rows])
  }
}

export interface CurrentRow {
  readonly table: string
  readonly key: string
  readonly image: Image
}

/** The rows that exist among `wanted`, with their images. */
export async function currentRows(
  sql: Sql,
  catalog: Catalog,
  wanted: readonly { readonly table: string; readonly key: string }[],
): Promise<CurrentRow[]> {
  const byTable = new Map<string, Set<string>>()
  for (const { table, key } of wanted) byTable.set(table, (byTable.get(table) ?? new Set()).add(key))
  const found: CurrentRow[] = []
  for (const [name, keys] of byTable) {
    const table = capturedTable(catalog, name)
    const rows = await sql.query<{ key: string; image: string }>(
      `select ${keyExpression(table, 'r')} as key, (${imageExpression(table, 'r')})::text as image
       from jsonb_array_elements_text($1::jsonb) k(key) join public.${quoteName(name)} r on ${keyMatch(table, 'r', '(k.key::jsonb)')}`,
      [JSON.stringify([...keys])],
    )
    for (const row of rows) found.push({ table: name, key: row.key, image: JSON.parse(row.image) as Image })
  }
  return found
}

/** All rows of one audience, in key order: what a snapshot holds. */
export async function audienceRows(sql: Sql, catalog: Catalog, audience: string): Promise<CurrentRow[]> {
  return selectedRows(sql, catalog, { condition: 'r.audience = $1', parameters: [audience] })
}

/** All captured rows of this database, in key order. */
export async function allRows(sql: Sql, catalog: Catalog): Promise<CurrentRow[]> {
  return selectedRows(sql, catalog, { condition: 'true', parameters: [] })
}

async function selectedRows(
  sql: Sql,
  catalog: Catalog,
  { condition, parameters }: { readonly condition: string; readonly parameters: readonly string[] },
): Promise<CurrentRow[]> {
  const found: CurrentRow[] = []
  for (const table of catalog.tables.values()) {
    const rows = await sql.query<{ key: string; image: string }>(
      `select ${keyExpression(table, 'r')} as key, (${imageExpression(table, 'r')})::text as image
       from public.${quoteName(table.name)} r where ${condition} order by ${keyExpression(table, 'r')} collate "C"`,
      parameters,
    )
    for (const row of rows) found.push({ table: table.name, key: row.key, image: JSON.parse(row.image) as Image })
  }
  return found
}

/** Takes all rows of lost audiences away, in every table (AUD-5). Answers how many there were. */
export async function removeAudiences(sql: Sql, catalog: Catalog, audiences: readonly string[]): Promise<number> {
  if (audiences.length === 0) return 0
  let count = 0
  for (const table of catalog.tables.keys()) {
    const gone = await sql.rows(
      `delete from public.${quoteName(table)} where audience in (select jsonb_array_elements_text($1::jsonb)) returning 1`,
      [JSON.stringify(audiences)],
    )
    count += gone.length
  }
  return count
}

const targetsSql = `(select e.t ->> 0 as key, (e.t ->> 0)::jsonb as parts, nullif(e.t -> 1, 'null'::jsonb) as image
  from jsonb_array_elements($1::jsonb) e(t)) t`

function deleteSql(table: CapturedTable): string {
  const collides = table.collidingColumns.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name)
    return `r.${quoteName(name)} is distinct from ${column ? fromImage(column) : 'null'}`
  })
  const goes = ['t.image is null', ...collides].join(' or ')
  return `delete from public.${quoteName(table.name)} r using ${targetsSql} where ${keyMatch(table, 'r', 't.parts')} and (${goes})`
}

function updateSql(table: CapturedTable): string | null {
  const settable = table.columns.filter((column) => !column.isGenerated && !table.key.includes(column.name))
  if (settable.length === 0) return null
  const assignments = settable.map((column) => `${quoteName(column.name)} = ${fromImage(column)}`)
  return `update public.${quoteName(table.name)} r set ${assignments.join(', ')} from ${targetsSql}
    where ${keyMatch(table, 'r', 't.parts')} and t.image is not null`
}

function insertSql(table: CapturedTable): string {
  const written = table.columns.filter((column) => !column.isGenerated)
  const name = quoteName(table.name)
  return `insert into public.${name} (${written.map((column) => quoteName(column.name)).join(', ')})
    select ${written.map(fromImage).join(', ')} from ${targetsSql}
    where t.image is not null and not exists (select from public.${name} r where ${keyMatch(table, 'r', 't.parts')})`
}

/** A column's value from an image; a column the image does not know yet has its constant default (DEP-1). */
function fromImage(column: CapturedColumn): string {
  const name = quoteText(column.name)
  const value = `(t.image ->> ${name})::${column.type}`
  return column.defaultSql === null
    ? value
    : `case when t.image ? ${name} then ${value} else (${column.defaultSql})::${column.type} end`
}
