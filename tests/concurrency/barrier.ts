/** Meeting points instead of sleeps: who arrives waits until all have come. */

export interface Barrier {
  /** Resolves for everybody when the last party arrives; later arrivals pass. */
  arrive(): Promise<void>
  readonly arrived: number
}

export function createBarrier(parties: number): Barrier {
  let arrived = 0
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return {
    get arrived() {
      return arrived
    },
    arrive() {
      arrived += 1
      if (arrived >= parties) open()
      return opened
    },
  }
}

const pollMs = 5

/** Looks again and again until it is so. Throws when it takes longer than any machine needs: then it never will. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, deadlineMs = 20_000): Promise<void> {
  for (const startedMs = performance.now(); !(await isSo()); ) {
    if (performance.now() - startedMs > deadlineMs) throw new Error(`Waited ${deadlineMs} ms in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
