/** When a device exchanges without having anything to say: after a while, sooner when somebody looks (REC-1). */
import type { PageChange } from './worker-client'

export interface PollingOptions {
  schedule(ms: number, work: () => void): () => void
  wake(isUrgent: boolean): void
}

export interface Polling {
  start(): void
  page(change: Exclude<PageChange, 'signed-in'>): void
}

const intervalMs = { visible: 5_000, hidden: 30_000 } as const

/** Coming back to a page counts as urgent: the person looks now, and a back-off may be long. */
export function createPolling({ schedule, wake }: PollingOptions): Polling {
  let isStarted = false
  let isVisible = true
  let cancel = (): void => undefined

  const plan = () => {
    cancel()
    cancel = schedule(isVisible ? intervalMs.visible : intervalMs.hidden, () => {
      wake(false)
      plan()
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
  }
}
