/**
 * Requests that only wait must not keep a process that is to end: a deploy would hang for as long as they are held.
 */
export interface Endings {
  /** Runs `work` with a signal that aborts when the caller is gone, or when everything ends. */
  during<Result>(caller: AbortSignal, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>
  /** What is waiting ends now, and what comes later does not wait. */
  end(): void
}

export function createEndings(): Endings {
  const waiting = new Set<AbortController>()
  let isEnding = false
  return {
    async during(caller, work) {
      const controller = new AbortController()
      const abort = () => controller.abort()
      caller.addEventListener('abort', abort)
      if (caller.aborted || isEnding) abort()
      waiting.add(controller)
      try {
        return await work(controller.signal)
      } finally {
        waiting.delete(controller)
        caller.removeEventListener('abort', abort)
      }
    },
    end: () => {
      isEnding = true
      for (const controller of waiting) controller.abort()
    },
  }
}
