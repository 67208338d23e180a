/** Rows of one audience in bulk, in the text form of COPY: how a large snapshot leaves the server (SNAP-1). */
import { copyLine } from '../core/copy-text'
import type { SnapshotTable } from '../core/snapshot-stream'
import { type CapturedTable, type Catalog, capturedTable } from './catalog'
import type { Sql } from './driver'
import { quoteName } from './sql-text'

/** Whether an audience has more rows than that, over all tables. Counts no further. */
export async function hasMoreRows(
  sql: Sql,
  catalog: Catalog,
  { audience, rowsMax }: { readonly audience: string; readonly rowsMax: number },
): Promise<boolean> {
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
    if (count > 0) found.push({ table: table.name, columns: table.columns.map((column) => column.name), count })
  }
  return found
}

const rowsAtOnce = 1_000

/** In no particular order, in pieces: memory does not grow with the rows. Through a cursor, so one at a time. */
export async function* copyRows(
  sql: Sql,
  catalog: Catalog,
  { audience, table: name }: { readonly audience: string; readonly table: string },
): AsyncGenerator<string> {
  const columns = capturedTable(catalog, name).columns.map((column) => `${quoteName(column.name)}::text`)
  // A name per table: drivers keep what a statement answers, and `fetch` would answer other columns each time.
  const cursor = quoteName(`copied_${name}`)
  await sql.rows(
    `declare ${cursor} no scroll cursor for select ${columns.join(', ')} from public.${quoteName(name)} where audience = $1`,
    [audience],
  )
  for (;;) {
    const rows = await sql.rows(`fetch ${rowsAtOnce} from ${cursor}`)
    if (rows.length === 0) break
    yield rows.map((row) => copyLine(row as (string | null)[])).join('')
  }
  await sql.rows(`close ${cursor}`)
}

/** Generated columns are never written (CAP-2). */
export function writtenColumns(table: CapturedTable): string[] {
  return table.columns.filter((column) => !column.isGenerated).map((column) => column.name)
}
