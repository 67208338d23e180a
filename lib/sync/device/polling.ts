/**
 * When a device exchanges without having anything to say: after a while, sooner when somebody looks (REC-1). While the
 * live tail brings changes by itself it asks rarely, but it asks: an exchange heals whatever a tail did not bring.
 */
import type { PageChange } from './tabs/words'

export interface PollingOptions {
  schedule(ms: number, work: () => void): () => void
  wake(isUrgent: boolean): void
  /** Changes are heard of as they happen. */
  isTailing(): boolean
}

export interface Polling {
  start(): void
  page(change: Exclude<PageChange, 'signed-in'>): void
  stop(): void
}

const intervalMs = { visible: 5_000, hidden: 30_000 } as const
const besideTailMs = 60_000

/** Coming back to a page counts as urgent: the person looks now, and a back-off may be long. */
export function createPolling({ schedule, wake, isTailing }: PollingOptions): Polling {
  let isStarted = false
  let isVisible = true
  let cancel = (): void => undefined

  // A tail may end at any time, so it is asked about at every interval.
  const plan = (waitedMs = 0) => {
    cancel()
    const ms = isVisible ? intervalMs.visible : intervalMs.hidden
    cancel = schedule(ms, () => {
      const isDue = !isTailing() || waitedMs + ms >= besideTailMs
      if (isDue) wake(false)
      plan(isDue ? 0 : waitedMs + ms)
    })
  }

  return {
    start: () => {
      isStarted = true
      wake(true)
      plan()
    },
    page: (change) => {
      if (change === 'visible' || change === 'hidden') isVisible = change === 'visible'
      if (!isStarted) return
      if (change !== 'hidden') wake(true)
      plan()
    },
    stop: () => {
      isStarted = false
      cancel()
    },
  }
}
