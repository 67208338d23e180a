/**
 * Tells authors what became of their actions: confirmed as previewed, corrected, rejected or refused (REC-3, ING-4).
 * Also when a later revision arrives for an action that was confirmed long ago: a late arrival may renumber an issue.
 */
import { rowId } from '../core/images'
import { type AudienceView, isSettled } from '../core/plan-rebase'
import type { Image } from '../core/protocol'
import { differences, type ShownRow, shownNow, withRows } from '../core/shown'
import type { ReceiptRow } from '../store/device/receipts'
import type { DeviceTransaction } from '../store/device/transaction'

export interface Settling extends AudienceView {
  /** Rows that entries of an action brought and its run here did not touch, as they were on the screen. */
  readonly onScreen: ReadonlyMap<string, readonly ShownRow[]>
}

/** Must see canonical rows: the provisional layer is rolled back. Returns the ids of corrected actions. */
export async function settleReceipts(tx: DeviceTransaction, settling: Settling): Promise<string[]> {
  const rows = (await tx.receipts.unsettledReceipts()).filter((row) => isSettled(row.receipt, settling))
  const widened = rows.map((row) => ({ ...row, shown: withScreen(row, settling) }))
  const wanted = widened.flatMap((row) => row.shown ?? [])
  const found = wanted.length === 0 ? [] : await tx.rows.currentRows(wanted)
  const now = new Map(found.map((row) => [rowId(row), row.image]))
  const settled = widened.map((row) => settle(row, now))
  await tx.receipts.saveSettled(settled)
  return settled.flatMap((row) => (row.difference === null ? [] : [row.receipt.actionId]))
}

/** Whether looking at these receipts needs canonical rows: some result differs from what was shown. */
export async function needsRows(tx: DeviceTransaction, view: AudienceView): Promise<boolean> {
  const rows = await tx.receipts.unsettledReceipts()
  return rows.some((row) => row.shown !== null && isSettled(row.receipt, view) && row.effect !== row.receipt.effect)
}

function withScreen(row: ReceiptRow, { onScreen }: Settling): readonly ShownRow[] | null {
  return row.shown === null ? null : withRows(row.shown, onScreen.get(row.receipt.actionId) ?? [])
}

/**
 * Corrected is what had another effect than its author saw. The difference may be empty all the same: when the other
 * rows cannot be told apart from what others did, or when they have changed again since.
 */
function settle(row: ReceiptRow, now: ReadonlyMap<string, Image>): ReceiptRow {
  const { status, effect } = row.receipt
  const isCorrected = row.shown !== null && status === 'applied' && row.effect !== effect
  const difference = isCorrected ? differences(row.shown ?? [], now) : null
  const isNews = isBadNews(row) || (difference !== null && difference.length > 0)
  return {
    ...row,
    effect: status === 'applied' ? effect : null,
    shown: row.shown && shownNow(row.shown, now),
    difference,
    told: status,
    isSeen: !isNews && (status === 'applied' || row.isSeen),
  }
}

/** Confirmed as previewed is no news. That a rule said no is, each time it comes, on the device it was done on (ACT-3). */
function isBadNews({ receipt, told, input }: ReceiptRow): boolean {
  return input !== null && receipt.status !== 'applied' && receipt.status !== told
}
