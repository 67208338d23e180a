'use client'
import { useCallback, useEffect, useState } from 'react'

export interface BrowserStorage {
  /** What this site uses, all of it; null when the browser does not say. */
  readonly usedBytes: number | null
  /** The browser has promised not to remove it; null when it does not say. */
  readonly isPersisted: boolean | null
}

const unknown: BrowserStorage = { usedBytes: null, isPersisted: null }

/** What the browser says about what it keeps, whenever `state` changes; null: nothing is open. How much there could be it does not say truly. */
export function useBrowserStorage(state: string | null): BrowserStorage & { ask(): Promise<boolean> } {
  const [storage, setStorage] = useState(unknown)

  const look = useCallback(async () => {
    const manager = navigator.storage as StorageManager | undefined
    if (manager === undefined) return
    const [estimate, isPersisted] = await Promise.all([manager.estimate?.() ?? {}, manager.persisted?.() ?? null])
    setStorage({ usedBytes: estimate.usage ?? null, isPersisted })
  }, [])

  useEffect(() => {
    if (state !== null) look().catch(() => setStorage(unknown))
  }, [look, state])

  const ask = useCallback(async () => {
    const isPersisted = (await navigator.storage?.persist?.()) ?? false
    await look()
    return isPersisted
  }, [look])

  return { ...storage, ask }
}
