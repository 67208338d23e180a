'use client'
import { useCallback, useEffect, useState } from 'react'
import { useSyncStatus } from '@/lib/sync/react'
import { recall, remember, write } from './kept'
import { useSessionUser } from './provider'

/** How many changes this browser threw away with what it kept; null when it did not, or the person has read it. */
export function useLost(): { readonly lost: number | null; dismiss(): void } {
  const status = useSyncStatus()
  const userId = useSessionUser().user?.id ?? null
  const [lost, setLost] = useState<number | null>(null)

  useEffect(() => {
    if (userId === null) return setLost(null)
    const former = recall(userId)
    const next = remember(former, status)
    if (next !== null && JSON.stringify(next) !== JSON.stringify(former)) write(userId, next)
    setLost(next?.lost ?? null)
  }, [status, userId])

  const dismiss = useCallback(() => {
    const now = userId === null ? null : recall(userId)
    if (userId !== null && now !== null) write(userId, { ...now, lost: null })
    setLost(null)
  }, [userId])

  return { lost, dismiss }
}
