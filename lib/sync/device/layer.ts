/** The provisional layer: what pending actions did on top of canonical state, as one thing that can be taken back. */

import type { DeviceTransaction } from '../store/device/transaction'
import type { DeviceContext } from './context'
import { replay } from './replay'

/** Canonical state again. Patches are forgotten: what still counts runs again. Leaves the transaction in engine mode. */
export async function takeBackLayer(tx: DeviceTransaction): Promise<void> {
  await tx.rows.enterEngine()
  await tx.rows.rollBack('all')
  await tx.rows.dropPatches('all')
}

/** Runs what belongs into the layer, after engine work. */
export async function putLayerBack(context: DeviceContext, tx: DeviceTransaction): Promise<number> {
  await tx.rows.settleConstraints()
  const rows = (await tx.pending.readPending()).filter((row) => row.place === 'layer')
  await replay(context, tx, rows)
  return rows.length
}
