/**
 * Whether this device has room to keep more (FM-10, FM-11). Whoever fails to write says so here; from then on it is full,
 * screens say so, and what needs room waits. A small write is tried again and again, and its success ends it.
 *
 * ```
 *            a write fails for want of room
 *   room ─────────────────────────────────▶ full ──┐ a trial write each 5 s, later each minute
 *     ▲                                      ▲  │  │
 *     └───────── a trial succeeds ───────────┼──┘  │
 *                                            └─────┘
 * ```
 */
import { storageTrouble } from './storage-failure'

export interface Space {
  isFull(): boolean
  /** Looks at why something failed, and tells of damage. Answers whether it was for want of room. */
  heard(error: unknown): boolean
  close(): void
}

export interface SpaceOptions {
  /** Writes something small and takes it back. Rejects when there is no room. */
  tryWrite(): Promise<void>
  schedule(ms: number, work: () => void): () => void
  now(): number
  onChange(isFull: boolean): void
  /** What is kept here cannot be read. */
  onDamaged(error: unknown): void
}

const trialMs = { first: 5_000, max: 60_000 }
/** Full again so soon: the room was too little, and is looked for less often. */
const soonMs = 30_000

export function createSpace({ tryWrite, schedule, now, onChange, onDamaged }: SpaceOptions): Space {
  let isFull = false
  let isClosed = false
  let waitMs = trialMs.first
  let spaceSinceMs: number | null = null
  let cancel = (): void => undefined

  const set = (next: boolean) => {
    isFull = next
    onChange(next)
  }
  const wait = () => {
    if (!isClosed) cancel = schedule(waitMs, () => void trial())
  }
  const trial = async () => {
    try {
      await tryWrite()
    } catch {
      // Whatever the reason: as long as nothing can be written there is no room.
      waitMs = Math.min(trialMs.max, waitMs * 1.5)
      return wait()
    }
    if (isClosed) return
    spaceSinceMs = now()
    set(false)
  }

  return {
    isFull: () => isFull,
    heard: (error) => {
      const trouble = storageTrouble(error)
      if (trouble === 'damaged') onDamaged(error)
      if (trouble !== 'full') return false
      if (isFull || isClosed) return true
      const isSoon = spaceSinceMs !== null && now() - spaceSinceMs < soonMs
      waitMs = isSoon ? Math.min(trialMs.max, waitMs * 2) : trialMs.first
      set(true)
      wait()
      return true
    },
    close: () => {
      isClosed = true
      cancel()
    },
  }
}
