/** The provisional layer: what pending actions did on top of canonical state, as one thing that can be taken back. */

import { enterEngine, settleConstraints } from '../store/action-context'
import type { Sql } from '../store/driver'
import { dropPatches, rollBack } from '../store/roll-back'
import type { DeviceContext } from './context'
import { readPending } from './pending'
import { replay } from './replay'

/** Canonical state again. Patches are forgotten: what still counts runs again. Leaves the transaction in engine mode. */
export async function takeBackLayer(context: DeviceContext, sql: Sql): Promise<void> {
  await enterEngine(sql)
  await rollBack(sql, context.catalog, 'all')
  await dropPatches(sql, 'all')
}

/** Runs what belongs into the layer, after engine work. */
export async function putLayerBack(context: DeviceContext, sql: Sql): Promise<number> {
  await settleConstraints(sql)
  const rows = (await readPending(sql)).filter((row) => row.place === 'layer')
  await replay(context, sql, rows)
  return rows.length
}
