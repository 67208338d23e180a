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
