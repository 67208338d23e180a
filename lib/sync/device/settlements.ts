import type { DeviceContext } from './context'
import { receiptView } from './receipt-views'
import type { SettledReceipt } from './views'

/** The promises behind `.settled` of calls made since this device was opened (ACT-7). */
export interface Settlements {
  of(actionId: string): Promise<SettledReceipt>
  /** For an action that was done before: it may have left `pending` already. */
  ask(actionId: string): Promise<void>
  /** These left `pending`: whoever waits gets the receipt. */
  settle(actionIds: readonly string[]): Promise<void>
  fail(actionIds: readonly string[], error: unknown): void
}

interface Waiting {
  readonly promise: Promise<SettledReceipt>
  resolve(receipt: SettledReceipt): void
  reject(error: unknown): void
}

export function createSettlements(context: DeviceContext): Settlements {
  const waiting = new Map<string, Waiting>()

  const take = (actionId: string) => {
    const found = waiting.get(actionId)
    waiting.delete(actionId)
    return found
  }

  return {
    of: (actionId) => {
      const known = waiting.get(actionId)
      if (known) return known.promise
      let [resolve, reject]: [Waiting['resolve'], Waiting['reject']] = [() => undefined, () => undefined]
      const promise = new Promise<SettledReceipt>((onResolve, onReject) => {
        resolve = onResolve
        reject = onReject
      })
      // Nobody has to look at it: the call itself carries its own failure.
      promise.catch(() => undefined)
      waiting.set(actionId, { promise, resolve, reject })
      return promise
    },
    settle: async (actionIds) => {
      const wanted = actionIds.filter((id) => waiting.has(id))
      if (wanted.length === 0) return
      const rows = await context.store.transaction((tx) => tx.receipts.receiptsById(wanted))
      for (const row of rows) take(row.receipt.actionId)?.resolve(receiptView(row))
    },
    ask: async (actionId) => {
      const row = await context.store.transaction(async (tx) => {
        const isPending = (await tx.receipts.receiptsOfPending()).has(actionId)
        return isPending ? null : (await tx.receipts.receiptsById([actionId]))[0]
      })
      if (row) take(actionId)?.resolve(receiptView(row))
    },
    fail: (actionIds, error) => {
      for (const id of actionIds) take(id)?.reject(error)
    },
  }
}
