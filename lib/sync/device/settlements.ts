import { DeviceFailure } from './client'
import type { DeviceContext } from './context'
import { type OpenPromise, openPromise } from './open-promise'
import { receiptView } from './receipt-views'
import type { SettledReceipt } from './views'

/** The promises behind `.settled` of calls made since this device was opened (ACT-7). */
export interface Settlements {
  of(actionId: string): Promise<SettledReceipt>
  /** For an action that was done before: it may have left `pending` already, or be discarded. */
  ask(actionId: string): Promise<void>
  /** These left `pending`: whoever waits gets the receipt. */
  settle(actionIds: readonly string[]): Promise<void>
  fail(actionIds: readonly string[], error: unknown): void
}

export function createSettlements(context: DeviceContext): Settlements {
  const waiting = new Map<string, OpenPromise<SettledReceipt>>()

  const take = (actionId: string) => {
    const found = waiting.get(actionId)
    waiting.delete(actionId)
    return found
  }

  return {
    of: (actionId) => {
      const known = waiting.get(actionId)
      if (known) return known.promise
      const made = openPromise<SettledReceipt>()
      // Nobody has to look at it: the call itself carries its own failure.
      made.promise.catch(() => undefined)
      waiting.set(actionId, made)
      return made.promise
    },
    settle: async (actionIds) => {
      const wanted = actionIds.filter((id) => waiting.has(id))
      if (wanted.length === 0) return
      const rows = await context.store.transaction((tx) => tx.receipts.receiptsById(wanted))
      for (const row of rows) take(row.receipt.actionId)?.resolve(receiptView(row))
    },
    ask: async (actionId) => {
      const { row, isKnown, isPending } = await context.store.transaction(async (tx) => ({
        row: (await tx.receipts.receiptsById([actionId]))[0],
        isKnown: (await tx.pending.readDone(actionId)) !== null,
        isPending: (await tx.receipts.receiptsOfPending()).has(actionId),
      }))
      if (row && !isPending) take(actionId)?.resolve(receiptView(row))
      if (!isKnown) take(actionId)?.reject(new DeviceFailure('unavailable', 'This device does not know the action.'))
    },
    fail: (actionIds, error) => {
      for (const id of actionIds) take(id)?.reject(error)
    },
  }
}
