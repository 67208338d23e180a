/** Everything a device holds, as text a person can keep: every column as Postgres text, in a fixed order. */
import type { CapturedRows } from '../store/captured-rows'
import type { DeviceTransaction } from '../store/device/transaction'

/**
 * JSON with `audiences`, `cursors` (audience, number, token) and `tables`: all captured tables by name, rows in key
 * order, columns in table order. Two devices of the same audiences with nothing pending give the same rows, byte for
 * byte, and so does `exportRows` on the server (CON-1).
 */
export async function exportData(tx: DeviceTransaction): Promise<string> {
  const { audiences } = await tx.meta.readMeta()
  const held = [...(audiences ?? [])].sort()
  const cursors = [...(await tx.meta.readCursors()).values()]
    .map(({ audience, seq, token }) => ({ audience, seq, token }))
    .sort((left, right) => (left.audience < right.audience ? -1 : 1))
  return JSON.stringify({ audiences: held, cursors, tables: await exportRows(tx.rows, null) }, null, 1)
}

/** Rows of the given audiences, or all rows when null. */
export async function exportRows(captured: CapturedRows, audiences: readonly string[] | null) {
  const rows =
    audiences === null
      ? await captured.allRows()
      : (await Promise.all(audiences.map((audience) => captured.audienceRows(audience)))).flat()
  const tables = [...captured.columnsByTable()].sort(([left], [right]) => (left < right ? -1 : 1))
  const exported = tables.map(([name, columns]) => {
    const own = rows.filter((row) => row.table === name).sort((left, right) => (left.key < right.key ? -1 : 1))
    const ordered = own.map(({ image }) => Object.fromEntries(columns.map((column) => [column, image[column] ?? null])))
    return [name, ordered] as const
  })
  return Object.fromEntries(exported)
}
