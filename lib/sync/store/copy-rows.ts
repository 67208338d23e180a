/** Rows of one audience in bulk, in the text form of COPY: how a large snapshot leaves the server (SNAP-1). */
import type { SnapshotTable } from '../core/snapshot-stream'
import { type CapturedTable, type Catalog, capturedTable } from './catalog'
import type { Sql } from './driver'
import { quoteName, quoteText } from './sql-text'

/** Whether an audience has more rows than that, over all tables. Counts no further. */
export async function hasMoreRows(sql: Sql, catalog: Catalog, audience: string, rowsMax: number): Promise<boolean> {
  const counts = [...catalog.tables.keys()].map(
    (name) => `(select count(*) from (select from public.${quoteName(name)} where audience = $1 limit $2) r)`,
  )
  const [row] = await sql.query<{ is_more: boolean }>(`select ${counts.join(' + ')} >= $2 as is_more`, [
    audience,
    rowsMax + 1,
  ])
  return row?.is_more === true
}

/** Tables in which the audience has rows, with the columns that `copyRows` writes and the number of rows. */
export async function countRows(sql: Sql, catalog: Catalog, audience: string): Promise<SnapshotTable[]> {
  const found: SnapshotTable[] = []
  for (const table of catalog.tables.values()) {
    const [row] = await sql.query<{ count: string }>(
      `select count(*) from public.${quoteName(table.name)} where audience = $1`,
      [audience],
    )
    const count = Number(row?.count)
    if (count > 0) found.push({ table: table.name, columns: writtenColumns(table), count })
  }
  return found
}

/** In no particular order. Memory on the server does not grow with the rows, where the database hands them out in pieces. */
export function copyRows(sql: Sql, catalog: Catalog, audience: string, name: string): AsyncIterable<string> {
  const columns = writtenColumns(capturedTable(catalog, name)).map(quoteName).join(', ')
  return sql.copyOut(`select ${columns} from public.${quoteName(name)} where audience = ${quoteText(audience)}`)
}

/** Generated columns are never written (CAP-2). */
export function writtenColumns(table: CapturedTable): string[] {
  return table.columns.filter((column) => !column.isGenerated).map((column) => column.name)
}
