/**
 * What a leader that lost its place may not touch any more (FM-26). It may have slept for hours in the middle of anything,
 * and the first thing it does on waking need not be to hear that it was replaced. So three fences, one behind the other: the mark
 * here, set when it hears of it; the term, which each write to the outbox and each exchange compares with the stored one; and the data
 * directory, which is open in one place or left aside.
 */
import type { DeviceStore } from '../../store/device/transaction'
import { DeviceFailure } from '../client'
import type { Transport } from '../transport'

export interface Fence {
  check(): void
  lose(): void
}

export function createFence(): Fence {
  let isLost = false
  return {
    check: () => {
      if (isLost) throw new DeviceFailure('unavailable', 'Another tab has the database of this device.')
    },
    lose: () => {
      isLost = true
    },
  }
}

export function fencedStore(store: DeviceStore, fence: Fence): DeviceStore {
  return {
    prepare: () => store.prepare(),
    transaction: (work) =>
      store.transaction(async (tx) => {
        fence.check()
        const result = await work(tx)
        fence.check()
        return result
      }),
    close: () => store.close(),
  }
}

/** `confirm` asks the outbox: nothing is sent under the name of a device that another tab leads. */
export function fencedTransport(transport: Transport, confirm: () => Promise<boolean>): Transport {
  return {
    exchange: async (request, options) =>
      (await confirm()) ? transport.exchange(request, options) : { kind: 'offline' },
    snapshot: async (request, options) =>
      (await confirm()) ? transport.snapshot(request, options) : { kind: 'offline' },
  }
}
