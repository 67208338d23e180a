/**
 * Whether this browser threw away what it had kept of this app, as it may when space runs out or somebody clears the data
 * of the site (FM-12, FM-20). A device that begins anew where one was before tells; who it was, and how much of it the
 * server did not have, is remembered beside it.
 */
import { z } from 'zod'
import type { SyncStatus } from '@/lib/sync/react'
import { keptKey } from './names'

const memory = z.object({
  /** Of the device: another one under the same roof means that the former is gone. */
  id: z.string(),
  pendingCount: z.number(),
  /** How many changes went with the former; null when nobody needs to hear of it (any more). */
  lost: z.number().nullable(),
})
export type Memory = z.infer<typeof memory>

/** What to remember from now on. A device that is not open, or keeps nothing, says nothing about it. */
export function remember(former: Memory | null, status: SyncStatus): Memory | null {
  if (status.storage === null || status.storage === 'memory') return former
  const { begunAs, pendingCount } = status
  const isAnother = former !== null && begunAs !== null && begunAs !== former.id
  const lost = isAnother ? (former.lost ?? 0) + former.pendingCount : (former?.lost ?? null)
  return { id: begunAs ?? former?.id ?? 'known', pendingCount, lost }
}

/** Also in the page itself: clearing the data of the site takes the other one along. */
const memoryByUser = new Map<string, Memory>()

export function recall(userId: string): Memory | null {
  const here = memoryByUser.get(userId)
  if (here) return here
  try {
    return memory.parse(JSON.parse(window.localStorage.getItem(keptKey(userId)) ?? 'null'))
  } catch {
    // Nothing is remembered, or the browser forbids it.
    return null
  }
}

/** The person left: what they find when they come back is what is stored, or nothing. */
export function leave(userId: string): void {
  memoryByUser.delete(userId)
}

export function write(userId: string, next: Memory): void {
  memoryByUser.set(userId, next)
  try {
    window.localStorage.setItem(keptKey(userId), JSON.stringify(next))
  } catch (error) {
    // A browser that keeps nothing, or is full: the page itself remembers.
    if (!(error instanceof DOMException)) throw error
  }
}
