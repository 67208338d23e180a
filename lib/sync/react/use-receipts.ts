'use client'
import { useCallback, useSyncExternalStore } from 'react'
import type { Readable } from '../device/client'
import type { ReceiptView } from '../device/views'
import { useDeviceClient } from './provider'

const none: readonly ReceiptView[] = []
const noDevice: Readable<readonly ReceiptView[]> = { get: () => none, subscribe: () => () => undefined }

/** What became of this user's actions, newest first; pending ones are among them. */
export function useReceipts(): {
  readonly receipts: readonly ReceiptView[]
  markSeen(actionIds: readonly string[]): Promise<void>
} {
  const client = useDeviceClient()
  const source = client?.receipts ?? noDevice
  const receipts = useSyncExternalStore(source.subscribe, source.get, noDevice.get)
  const markSeen = useCallback(
    async (actionIds: readonly string[]) => {
      await client?.markSeen(actionIds)
    },
    [client],
  )
  return { receipts, markSeen }
}
