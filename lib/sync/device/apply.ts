/** Rows of an answer, onto canonical state (APP-1, AUD-5). */
import { imagesEqual, rowId } from '../core/images'
import type { ArrivalPlan } from '../core/plan-arrival'
import type { Receipt } from '../core/protocol'
import { type ShownRow, withRows } from '../core/shown'
import { namedRows, squash } from '../core/squash'
import type { PendingRow } from '../store/device/pending'
import type { StagedAudience } from '../store/device/staging'
import type { DeviceTransaction } from '../store/device/transaction'
import type { CurrentRow } from '../store/set-rows'

/**
 * Must run in engine mode on canonical state, before the cursors move: the guards ask how new the rows here are.
 * Answers how many rows changed. `staged` is a snapshot of the arrival whose rows are on the stage.
 */
export async function applyArrival(
  tx: DeviceTransaction,
  arrival: ArrivalPlan,
  staged: StagedAudience | null,
): Promise<number> {
  if (staged !== null) return arrival.snapshots.length > 0 ? tx.stage.swapIn(staged) : 0
  const gone = await tx.rows.removeAudiences(arrival.lost)
  const local = await localRows(tx, arrival)
  const images = new Map(local.map((row) => [rowId(row), row.image]))
  const rows = local.map(({ table, key, image }) => ({ table, key, audience: image.audience ?? null }))
  const targets = squash(arrival, rows, await tx.meta.readCursors()).filter(
    (target) => !imagesEqual(target.image, images.get(rowId(target)) ?? null),
  )
  if (targets.length > 0) await tx.rows.setRows(targets)
  return targets.length + gone
}

async function localRows(tx: DeviceTransaction, arrival: ArrivalPlan): Promise<CurrentRow[]> {
  const rows = await tx.rows.currentRows(namedRows(arrival))
  const byId = new Map(rows.map((row) => [rowId(row), row]))
  for (const { audience } of arrival.snapshots) {
    for (const row of await tx.rows.audienceRows(audience)) byId.set(rowId(row), row)
  }
  return [...byId.values()]
}

interface Arrived {
  readonly arrival: ArrivalPlan
  readonly pending: readonly PendingRow[]
  readonly newest: ReadonlyMap<string, Receipt>
}

/**
 * Rows that entries of own actions change and their run here did not, as they are on the screen now: what the author
 * saw, to be compared with what is true (REC-3). What a late action did is in the correction it caused. Must be asked
 * while the provisional layer is in place.
 */
export async function rowsOnScreen(
  tx: DeviceTransaction,
  { arrival, pending, newest }: Arrived,
): Promise<Map<string, ShownRow[]>> {
  const rowById = new Map(pending.map((row) => [row.id, row]))
  const onScreen = new Map<string, ShownRow[]>()
  for (const entry of arrival.entries) {
    for (const id of [...(entry.action ? [entry.action.id] : []), ...entry.causes]) {
      const row = rowById.get(id)
      if (!row || row.shown === null || newest.get(id)?.effect === row.effect) continue
      const touched = new Set(row.shown.map(rowId))
      const others = entry.changes.filter((change) => !touched.has(rowId(change)))
      const found = new Map((await tx.rows.currentRows(others)).map((one) => [rowId(one), one.image]))
      const rows = others.map((one) => ({ table: one.table, key: one.key, columns: found.get(rowId(one)) ?? null }))
      onScreen.set(id, withRows(onScreen.get(id) ?? [], rows))
    }
  }
  return onScreen
}
