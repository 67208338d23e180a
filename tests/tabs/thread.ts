/**
 * Threads of a simulated browser, in virtual time. Everything that happens is a task of a thread: what came for a frozen
 * one waits until it is thawed, what came for a dead one is gone. Tasks of one moment run in the order they were made.
 */
export class Thread {
  state: 'alive' | 'frozen' | 'dead' = 'alive'
  /** Came while it was frozen. */
  readonly waiting: (() => void)[] = []
  readonly onDeath: (() => void)[] = []

  constructor(readonly name: string) {}
}

interface Task {
  readonly atMs: number
  readonly thread: Thread | null
  readonly work: () => void
}

const batchMax = 200_000

export class Timeline {
  private ms = 0
  private tasks: Task[] = []

  now(): number {
    return this.ms
  }

  /** On no thread: what the browser itself does happens whatever becomes of tabs. */
  after(ms: number, thread: Thread | null, work: () => void): () => void {
    const task: Task = { atMs: this.ms + ms, thread, work }
    let place = this.tasks.length
    while (place > 0 && (this.tasks[place - 1]?.atMs ?? 0) > task.atMs) place -= 1
    this.tasks.splice(place, 0, task)
    let isCancelled = false
    const cancellable = task as { work: () => void }
    cancellable.work = () => {
      if (!isCancelled) work()
    }
    return () => {
      isCancelled = true
    }
  }

  /** Resolves in a task of the thread, or never. */
  turn(ms: number, thread: Thread | null): Promise<void> {
    return new Promise((resolve) => this.after(ms, thread, resolve))
  }

  kill(thread: Thread): void {
    if (thread.state === 'dead') return
    thread.state = 'dead'
    for (const work of thread.onDeath) work()
  }

  freeze(thread: Thread): void {
    if (thread.state === 'alive') thread.state = 'frozen'
  }

  thaw(thread: Thread): void {
    if (thread.state !== 'frozen') return
    thread.state = 'alive'
    for (const work of thread.waiting.splice(0)) this.after(0, thread, work)
  }

  async pass(ms: number): Promise<void> {
    const endMs = this.ms + ms
    for (let count = 0; ; count += 1) {
      const next = this.tasks[0]
      if (!next || next.atMs > endMs) break
      if (count > batchMax) throw new Error('The tabs never come to rest')
      this.tasks.shift()
      this.ms = next.atMs
      run(next)
      await drained()
    }
    this.ms = endMs
  }
}

function run({ thread, work }: Task): void {
  if (thread?.state === 'dead') return
  if (thread?.state === 'frozen') thread.waiting.push(work)
  else work()
}

/** Everything that promises still have to say is said. */
function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
