/**
 * Arithmetic of patches and images: net changes, differences, and how they divide over audiences. Images are opaque:
 * a column is equal when its Postgres text is equal (CAP-1).
 */
import type { Image, RowChange } from './protocol'

/** What one action did to one row. */
export interface Patch {
  readonly table: string
  readonly key: string
  readonly before: Image | null
  readonly after: Image | null
}

export type NetChange = Patch

export function rowId(row: { readonly table: string; readonly key: string }): string {
  return `${row.table} ${row.key}`
}

export function imagesEqual(left: Image | null, right: Image | null): boolean {
  if (left === null || right === null) return left === right
  const columns = Object.keys(left)
  return columns.length === Object.keys(right).length && columns.every((column) => left[column] === right[column])
}

/** Per row the image before its first patch and after its last one; rows that end as they began are left out. */
export function netChanges(patches: Iterable<Patch>): NetChange[] {
  return [...netSpan(patches).values()].filter((change) => !imagesEqual(change.before, change.after))
}

/**
 * The net difference a late path made (ING-4): from the state before the ingest, in which the old patches stood, to the
 * state after it, in which the new ones stand. A row only the old patches touched went back to before them.
 */
export function correctionOf(oldPatches: readonly Patch[], newPatches: readonly Patch[]): NetChange[] {
  const undone = netSpan(oldPatches)
  const redone = netSpan(newPatches)
  const rows = new Map([...undone, ...redone].map(([id, change]) => [id, { table: change.table, key: change.key }]))
  const differences: NetChange[] = []
  for (const [id, row] of rows) {
    const old = undone.get(id)
    const fresh = redone.get(id)
    const before = old ? old.after : (fresh?.before ?? null)
    const after = fresh ? fresh.after : (old?.before ?? null)
    if (!imagesEqual(before, after)) differences.push({ ...row, before, after })
  }
  return differences
}

function netSpan(patches: Iterable<Patch>): Map<string, NetChange> {
  const byRow = new Map<string, NetChange>()
  for (const { table, key, before, after } of patches) {
    const first = byRow.get(rowId({ table, key }))
    byRow.set(rowId({ table, key }), { table, key, before: first ? first.before : before, after })
  }
  return byRow
}

/** A row that changed its audience is deleted in the one and set in the other (AUD-1); a delete carries the key only. */
export function changesByAudience(changes: readonly NetChange[]): Map<string, RowChange[]> {
  const byAudience = new Map<string, RowChange[]>()
  const add = (audience: string, change: RowChange) => {
    const list = byAudience.get(audience)
    if (list) list.push(change)
    else byAudience.set(audience, [change])
  }
  for (const { table, key, before, after } of changes) {
    const from = before?.audience ?? null
    const to = after?.audience ?? null
    if (from !== null && from !== to) add(from, { table, key, image: null })
    if (to !== null && after !== null) add(to, { table, key, image: after })
  }
  return byAudience
}

/** A column's text, or null when there is no row or no such column. */
export function capturedColumnText(image: Image | null, column: string): string | null {
  return image?.[column] ?? null
}
