/** Everything a device holds, as text a person can keep: every column as Postgres text, in a fixed order. */
import { type Catalog, capturedTable } from '../store/catalog'
import type { Sql } from '../store/driver'
import { audienceRows } from '../store/set-rows'
import { readCursors, readMeta } from './meta'

/**
 * JSON with `audiences`, `cursors` (audience, number, token) and `tables`: all captured tables by name, rows in key
 * order, columns in table order. Two devices of the same audiences with nothing pending give the same rows, byte for
 * byte, and so does `exportRows` on the server (CON-1).
 */
export async function exportData(sql: Sql, catalog: Catalog): Promise<string> {
  const { audiences } = await readMeta(sql)
  const held = [...(audiences ?? [])].sort()
  const cursors = [...(await readCursors(sql)).values()]
    .map(({ audience, seq, token }) => ({ audience, seq, token }))
    .sort((left, right) => (left.audience < right.audience ? -1 : 1))
  return JSON.stringify({ audiences: held, cursors, tables: await exportRows(sql, catalog, null) }, null, 1)
}

/** Rows of the given audiences, or all rows when null. */
export async function exportRows(sql: Sql, catalog: Catalog, audiences: readonly string[] | null) {
  const wanted = audiences ?? (await audiencesOfRows(sql, catalog))
  const rows = (await Promise.all(wanted.map((audience) => audienceRows(sql, catalog, audience)))).flat()
  const tables = [...catalog.tables.keys()].sort().map((name) => {
    const columns = capturedTable(catalog, name).columns.map((column) => column.name)
    const own = rows.filter((row) => row.table === name).sort((left, right) => (left.key < right.key ? -1 : 1))
    const ordered = own.map(({ image }) => Object.fromEntries(columns.map((column) => [column, image[column] ?? null])))
    return [name, ordered] as const
  })
  return Object.fromEntries(tables)
}

async function audiencesOfRows(sql: Sql, catalog: Catalog): Promise<string[]> {
  const parts = [...catalog.tables.keys()].map((name) => `select audience from public."${name}"`)
  const rows = await sql.rows(`select distinct audience from (${parts.join(' union all ')}) r order by audience`)
  return rows.map(([audience]) => String(audience))
}
