'use client'
import { createContext, type ReactNode, useContext } from 'react'
import type { DeviceClient } from '../device/client'

const DeviceContext = createContext<DeviceClient | null>(null)

/**
 * Gives the hooks below it a device. `client` is null while nobody is signed in or the worker is not up yet: live
 * queries are then loading and the status is `starting`, so that static pages render without a database.
 */
export function BeamlineProvider({ client, children }: { client: DeviceClient | null; children: ReactNode }) {
  return <DeviceContext.Provider value={client}>{children}</DeviceContext.Provider>
}

export function useDeviceClient(): DeviceClient | null {
  return useContext(DeviceContext)
}
