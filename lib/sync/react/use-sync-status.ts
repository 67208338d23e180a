'use client'
import { useSyncExternalStore } from 'react'
import type { Readable } from '../device/client'
import type { SyncStatus } from '../device/views'
import { useDeviceClient } from './provider'

const starting: SyncStatus = {
  kind: 'starting',
  pendingCount: 0,
  lastExchangeAtMs: null,
  loading: null,
  message: null,
  storage: null,
}

const noDevice: Readable<SyncStatus> = { get: () => starting, subscribe: () => () => undefined }

/** The state of the connection between this device and the server. `starting` while there is no device. */
export function useSyncStatus(): SyncStatus {
  const status = useDeviceClient()?.status ?? noDevice
  return useSyncExternalStore(status.subscribe, status.get, noDevice.get)
}
