/** The promises behind `.settled` in a tab (ACT-7). They outlive leaders: each new one is asked again. */
import { type OpenPromise, openPromise } from '../open-promise'
import type { SettledReceipt } from '../views'

export interface SettledPromises {
  /** The same promise for the same action. */
  of(actionId: string): Promise<SettledReceipt>
  resolve(actionId: string, receipt: SettledReceipt): void
  reject(actionId: string, error: unknown): void
  /** The action was done: from now on each leader is asked what became of it. */
  expect(actionId: string): void
  expected(): string[]
}

export function createSettledPromises(): SettledPromises {
  const waitingById = new Map<string, OpenPromise<SettledReceipt>>()
  const done = new Set<string>()
  const take = (actionId: string) => {
    const found = waitingById.get(actionId)
    waitingById.delete(actionId)
    done.delete(actionId)
    return found
  }
  const make = (actionId: string): Promise<SettledReceipt> => {
    const made = openPromise<SettledReceipt>()
    // Nobody has to look at it: the call itself carries its own failure.
    made.promise.catch(() => undefined)
    waitingById.set(actionId, made)
    return made.promise
  }
  return {
    of: (actionId) => waitingById.get(actionId)?.promise ?? make(actionId),
    resolve: (actionId, receipt) => take(actionId)?.resolve(receipt),
    reject: (actionId, error) => take(actionId)?.reject(error),
    expect: (actionId) => {
      if (waitingById.has(actionId)) done.add(actionId)
    },
    expected: () => [...done],
  }
}
