/**
 * Who waits for which audiences of the log, in this process. Whoever appends wakes them: the ingest of this process, and
 * for the others a notice of the database (SHP-3). A wake carries nothing; who wakes reads again, under today's rights.
 */

export interface Follower {
  /** Resolves at the next wake; at once when one came since the last time. */
  woken(): Promise<void>
  end(): void
}

export interface KnownHead {
  readonly audience: string
  /** The number of its last entry that the follower has read. */
  readonly head: number
}

export interface LogWatch {
  follow(known: readonly KnownHead[]): Follower
  /** Something may have been appended to these; null: to any. */
  wake(audiences: readonly string[] | null): void
  /** How often somebody was to be woken: who read before the last time has to read again. */
  wakeCount(): number
  /** What somebody waits for now, each with the least head that one of them knows. */
  followed(): readonly KnownHead[]
}

interface Waiting extends Follower {
  wake(): void
}

export function createLogWatch(): LogWatch {
  const byAudience = new Map<string, Map<Waiting, number>>()
  let wakes = 0

  const leave = (audience: string, waiting: Waiting) => {
    const others = byAudience.get(audience)
    others?.delete(waiting)
    if (others?.size === 0) byAudience.delete(audience)
  }

  return {
    follow: (known) => {
      const waiting = createWaiting(() => {
        for (const { audience } of known) leave(audience, waiting)
      })
      for (const { audience, head } of known) {
        const others = byAudience.get(audience)
        if (others) others.set(waiting, head)
        else byAudience.set(audience, new Map([[waiting, head]]))
      }
      return waiting
    },
    wake: (audiences) => {
      wakes += 1
      for (const audience of audiences ?? byAudience.keys()) {
        for (const waiting of byAudience.get(audience)?.keys() ?? []) waiting.wake()
      }
    },
    wakeCount: () => wakes,
    followed: () => [...byAudience].map(([audience, heads]) => ({ audience, head: Math.min(...heads.values()) })),
  }
}

function createWaiting(end: () => void): Waiting {
  let isWoken = false
  let waiter: (() => void) | null = null
  return {
    woken: () =>
      new Promise<void>((done) => {
        if (isWoken) done()
        else waiter = done
        isWoken = false
      }),
    wake: () => {
      // One that nobody awaits yet is kept for the next who does.
      isWoken = waiter === null
      waiter?.()
      waiter = null
    },
    end,
  }
}
