/** Time that passes only when a test says so: tests never sleep. */
export class VirtualClock {
  private timers: { readonly atMs: number; readonly work: () => void }[] = []

  constructor(private ms: number) {}

  now(): number {
    return this.ms
  }

  /** Runs what falls due on the way, in order. */
  advance(ms: number): void {
    const endMs = this.ms + ms
    for (;;) {
      const [next] = this.timers.filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)
      if (!next) break
      this.timers = this.timers.filter((timer) => timer !== next)
      this.ms = Math.max(this.ms, next.atMs)
      next.work()
    }
    this.ms = endMs
  }

  readonly schedule = (ms: number, work: () => void): (() => void) => {
    const timer = { atMs: this.ms + ms, work }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }
}
