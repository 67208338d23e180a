'use client'
import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'

/** Also read by `public/theme.js`, before the first paint. */
const storageKey = 'beamline:theme'
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function current(): Theme {
  const { theme } = document.documentElement.dataset
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, current, () => 'system' as const)
}

/** Takes effect at once. Where storage is forbidden it lasts until the next load. */
export function setTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    if (theme === 'system') localStorage.removeItem(storageKey)
    else localStorage.setItem(storageKey, theme)
  } catch (error) {
    // Only a browser that forbids storage to pages is expected here.
    if (!(error instanceof DOMException)) throw error
  }
  for (const listener of listeners) listener()
}
