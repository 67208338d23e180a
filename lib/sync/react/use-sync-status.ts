'use client'
import { useSyncExternalStore } from 'react'
import type { Readable } from '../device/client'
import { type SyncStatus, startingStatus } from '../device/views'
import { useDeviceClient } from './provider'

const noDevice: Readable<SyncStatus> = { get: () => startingStatus, subscribe: () => () => undefined }

/** The state of the connection between this device and the server. `starting` while there is no device. */
export function useSyncStatus(): SyncStatus {
  const status = useDeviceClient()?.status ?? noDevice
  return useSyncExternalStore(status.subscribe, status.get, noDevice.get)
}
