/** Receipts as screens see them: pending actions and what became of the latest others, newest first. */
import { decodeClock } from '../core/hlc'
import type { Receipt } from '../core/protocol'
import type { PendingRow } from '../store/device/pending'
import type { ReceiptRow } from '../store/device/receipts'
import type { DeviceTransaction } from '../store/device/transaction'
import type { ReceiptView } from './views'

/** More than an inbox shows; what is older stays in the database. */
const viewsMax = 200

export interface Overview {
  readonly receipts: readonly ReceiptView[]
  /** Actions that wait for the server. */
  readonly waitingCount: number
}

export async function readOverview(tx: DeviceTransaction): Promise<Overview> {
  const pending = await tx.pending.readLatestPending(viewsMax)
  const answered = pending.rows.length === 0 ? new Map<string, Receipt>() : await tx.receipts.receiptsOfPending()
  const latest = await tx.receipts.latestReceipts(viewsMax)
  const receipts = [...pending.rows.map((row) => pendingView(row, answered.get(row.id))), ...latest.map(receiptView)]
  receipts.sort((left, right) => right.atMs - left.atMs || (left.actionId < right.actionId ? -1 : 1))
  return { receipts, waitingCount: pending.waitingCount }
}

function pendingView(row: PendingRow, receipt: Receipt | undefined): ReceiptView {
  const isRejected = receipt?.status === 'rejected'
  return {
    actionId: row.id,
    name: row.name,
    version: row.version,
    input: JSON.parse(row.input) as unknown,
    status: isRejected ? 'rejected' : row.hold ? 'held' : 'pending',
    reason: isRejected ? receipt.reason : (row.hold?.reason ?? null),
    details: isRejected ? receipt.details : null,
    restamped: receipt?.restamped ?? false,
    mayBeRejected: row.mayBeRejected,
    difference: [],
    atMs: decodeClock(row.clock).ms,
    seen: false,
  }
}

export function receiptView(row: ReceiptRow): ReceiptView {
  const { receipt, difference } = row
  return {
    actionId: receipt.actionId,
    name: receipt.name,
    version: receipt.version,
    input: row.input === null ? null : (JSON.parse(row.input) as unknown),
    status: receipt.status === 'applied' && difference !== null ? 'corrected' : receipt.status,
    reason: receipt.reason,
    details: receipt.details,
    restamped: receipt.restamped,
    mayBeRejected: false,
    difference: receipt.status === 'applied' ? (difference ?? []) : [],
    atMs: row.clock === '' ? 0 : decodeClock(row.clock).ms,
    seen: row.isSeen,
  }
}
