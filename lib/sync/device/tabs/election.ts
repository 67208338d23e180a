/**
 * Who leads is a Web Lock, not a message: there is always one that holds it, or one that will (FM-24). The browser
 * releases the locks of closed and crashed tabs; the lock of a frozen one is stolen.
 */

/** The part of the Web Locks API that is needed. */
export interface Locks {
  request<Result>(
    name: string,
    options: { readonly steal?: boolean; readonly signal?: AbortSignal },
    work: (lock: unknown) => Promise<Result>,
  ): Promise<Result>
}

export interface ElectionOptions {
  readonly locks: Locks
  readonly name: string
  /** The lock is here until `release`. */
  onLead(reign: { readonly isStolen: boolean; release(): void }): void
  /** The lock was stolen from here. */
  onLost(): void
  onFailure(error: unknown): void
  schedule(ms: number, work: () => void): () => void
}

const retryMs = 500

export interface Election {
  /** Waits for the lock; it comes when the leader closes, however it does. */
  stand(): void
  steal(): void
  /** Does not wait for it any more. */
  withdraw(): void
}

export function createElection({ locks, name, schedule, onLead, onLost, onFailure }: ElectionOptions): Election {
  let withdraw = (): void => undefined

  const request = (isStolen: boolean) => {
    withdraw()
    const standing = new AbortController()
    withdraw = () => standing.abort()
    let isHeld = false
    const hold = () => {
      isHeld = true
      withdraw = () => undefined
      return new Promise<void>((release) => onLead({ isStolen, release }))
    }
    locks.request(name, isStolen ? { steal: true } : { signal: standing.signal }, hold).catch((error: unknown) => {
      if (isHeld) return onLost()
      if (standing.signal.aborted) return
      // Stolen before this thread, which slept, heard that it was its turn.
      if (!isAbort(error)) onFailure(error)
      schedule(retryMs, () => {
        if (!standing.signal.aborted) request(false)
      })
    })
  }

  return {
    stand: () => request(false),
    steal: () => request(true),
    withdraw: () => withdraw(),
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
