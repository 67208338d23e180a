'use client'
import { createContext, type ReactNode, useContext } from 'react'
import type { DeviceClient } from '../device/client'
import type { FirstRows } from '../device/first-rows'

const DeviceContext = createContext<DeviceClient | null>(null)
const FirstRowsContext = createContext<FirstRows | null>(null)

export interface BeamlineProviderProps {
  readonly client: DeviceClient | null
  /** What to show before the device answers; null while nobody is signed in. */
  readonly firstRows?: FirstRows | null
  readonly children: ReactNode
}

/**
 * Gives the hooks below it a device. `client` is null while nobody is signed in or the worker is not up yet: live
 * queries are then loading, or show what was seen last, and the status is `starting`, so that static pages render
 * without a database.
 */
export function BeamlineProvider({ client, firstRows = null, children }: BeamlineProviderProps) {
  return (
    <FirstRowsContext.Provider value={firstRows}>
      <DeviceContext.Provider value={client}>{children}</DeviceContext.Provider>
    </FirstRowsContext.Provider>
  )
}

export function useDeviceClient(): DeviceClient | null {
  return useContext(DeviceContext)
}

export function useFirstRows(): FirstRows | null {
  return useContext(FirstRowsContext)
}
