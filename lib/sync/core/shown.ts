/** What the author of an action sees of the rows it changed, and how that differs from what is true (REC-3). Pure. */
import { changedColumns } from './effect'
import { netChanges, type Patch, rowId } from './images'
import type { Image } from './protocol'

export interface ColumnDifference {
  readonly table: string
  readonly key: string
  readonly column: string
  readonly previewed: string | null
  readonly now: string | null
}

export interface ShownRow {
  readonly table: string
  readonly key: string
  /** The columns it changed, with the values shown; null when it took the row away. */
  readonly columns: Image | null
}

/** From the patches of one run: new rows whole, others by the columns that changed. */
export function shownRows(patches: Iterable<Patch>): ShownRow[] {
  return netChanges(patches).map(({ table, key, before, after }) => ({
    table,
    key,
    columns: after === null ? null : pick(after, changedColumns(before, after)),
  }))
}

/** The same rows and columns as they are now. `now` holds the images of rows that exist. */
export function shownNow(shown: readonly ShownRow[], now: ReadonlyMap<string, Image>): ShownRow[] {
  return shown.map((row) => {
    const image = now.get(rowId(row))
    const columns = image === undefined ? null : row.columns === null ? image : pick(image, Object.keys(row.columns))
    return { table: row.table, key: row.key, columns }
  })
}

/** Column by column what was shown and what is true; a row that is not there has no value in any column. */
export function differences(shown: readonly ShownRow[], now: ReadonlyMap<string, Image>): ColumnDifference[] {
  return shown.flatMap((row) => {
    const { table, key, columns } = row
    const image = now.get(rowId(row)) ?? null
    return Object.keys(columns ?? image ?? {}).flatMap((column) => {
      const [previewed, current] = [columns?.[column] ?? null, image?.[column] ?? null]
      return previewed === current ? [] : [{ table, key, column, previewed, now: current }]
    })
  })
}

/** Adds rows the run here did not touch, as they were on the screen. */
export function withRows(shown: readonly ShownRow[], more: readonly ShownRow[]): ShownRow[] {
  const known = new Set(shown.map(rowId))
  return [...shown, ...more.filter((row) => !known.has(rowId(row)))]
}

function pick(image: Image, columns: readonly string[]): Image {
  return Object.fromEntries(columns.map((column) => [column, image[column] ?? null]))
}
