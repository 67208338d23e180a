import { canonicalJson } from '../core/canonical-json'
import { newestReceipts } from '../core/plan-rebase'
import type { Receipt } from '../core/protocol'
import type { DeviceTransaction } from '../store/device/transaction'

/** Those of `arrived` that say something new, by action id (ING-4). Held ones are no outcomes and never stored. */
export async function newReceipts(tx: DeviceTransaction, arrived: readonly Receipt[]): Promise<Map<string, Receipt>> {
  const outcomes = arrived.filter((receipt) => receipt.status !== 'held')
  if (outcomes.length === 0) return new Map()
  const known = await tx.receipts.knownReceipts([...new Set(outcomes.map((receipt) => receipt.actionId))])
  const newest = newestReceipts(outcomes, new Map(known.map((receipt) => [receipt.actionId, receipt.revision])))
  for (const receipt of known) {
    const arrival = newest.get(receipt.actionId)
    if (arrival && canonicalJson(arrival) === canonicalJson(receipt)) newest.delete(receipt.actionId)
  }
  return newest
}
