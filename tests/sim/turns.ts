/**
 * Whose turn it is. Everything durable in a simulated world happens in turns, one at a time: a transaction of a device or
 * of a server, a write to an outbox. So a seed is one schedule, on every store; two processes that work at the same time
 * are interleaved turn by turn, as chance says; and a process can die before, inside or after any of its turns.
 *
 * ```
 *  process ── take(work) ──▶ waiting ──▶ turn ──▶ resolves
 *                                │ the process died: the promise stays open for ever, as memory of the dead does
 * ```
 */
import { SqlError } from '@/lib/sync/store/driver'
import type { Chance } from './chance'

/** What may happen to a process at one of its turns. */
export type Mishap =
  | 'die-before'
  /** All of it was done, and nothing of it committed. */
  | 'die-during'
  | 'die-after'
  /** Rolled back by the database, in passing: to be tried again. */
  | 'fail-before'
  /** Committed, and the answer is lost. */
  | 'fail-after'

export class Process {
  isAlive = true
  private planned: { readonly mishap: Mishap; turnsLeft: number } | null = null

  constructor(
    readonly name: string,
    /** Told when it dies by a mishap. */
    private readonly onDeath: () => void = () => undefined,
  ) {}

  /** At its `turns`-th turn from now. */
  plan(mishap: Mishap, turns: number): void {
    this.planned = { mishap, turnsLeft: turns }
  }

  forget(): void {
    this.planned = null
  }

  kill(): void {
    if (!this.isAlive) return
    this.isAlive = false
    this.onDeath()
  }

  /** What happens at this turn. */
  next(): Mishap | null {
    if (this.planned === null) return null
    this.planned.turnsLeft -= 1
    if (this.planned.turnsLeft > 0) return null
    const { mishap } = this.planned
    this.planned = null
    return mishap
  }
}

/** Rolls back a turn whose process dies before it commits. */
class Died extends Error {
  override readonly name = 'Died'
}

/** Runs when no promise is left that could go on by itself. */
function nothingGoesOn(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

/**
 * For a step that looks at a database in its midst: what goes on meanwhile goes on as far as it can, on a database that
 * answers at once and on one that takes its time.
 */
export async function drained<Result>(looking: Promise<Result>): Promise<Result> {
  const result = await looking
  await nothingGoesOn()
  return result
}

/** Turns of one connection: in the order in which they were asked for, whoever else is in between. */
export class Line {
  private last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly turns: Turns,
    private readonly process: Process,
  ) {}

  take<Result>(work: Work<Result>): Promise<Result> {
    const next = this.last.then(() => this.turns.take(this.process, work))
    this.last = next.catch(() => undefined)
    return next
  }
}

/** `beforeCommit` is to be called last inside a transaction. */
type Work<Result> = (beforeCommit: () => void) => Promise<Result>

export class Turns {
  private waiting: (() => Promise<void>)[] = []

  take<Result>(process: Process, work: Work<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push(async () => {
        if (!process.isAlive) return
        try {
          const result = await perform(process, work)
          if (process.isAlive) resolve(result)
        } catch (error) {
          if (process.isAlive) reject(error)
        }
      })
    })
  }

  /**
   * Lets everything happen that needs no network and no time: without a chooser in the order in which turns were asked
   * for, with one as chance says. Before each turn everybody goes on as far as they can without one, so that the order
   * does not depend on how long a database takes.
   */
  async settle(chooser: Chance | null = null): Promise<void> {
    for (;;) {
      await nothingGoesOn()
      const index = chooser ? Math.floor(chooser.next() * this.waiting.length) : 0
      const [turn] = this.waiting.splice(index, 1)
      if (!turn) break
      await toItsEnd(turn)
    }
  }
}

/** Real time; the slowest transaction of a real database takes a few seconds on a busy machine. */
const turnMsMax = 60_000

/** A turn that waits for another one, as when an outbox is written within a transaction, would wait for ever. */
async function toItsEnd(turn: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const never = new Promise<never>((_, reject) => {
    const why = 'A turn does not come to its end: it waits for something that needs a turn of its own'
    timer = setTimeout(() => reject(new Error(why)), turnMsMax)
  })
  await Promise.race([turn(), never])
  clearTimeout(timer)
}

async function perform<Result>(process: Process, work: Work<Result>): Promise<Result> {
  const mishap = process.next()
  if (mishap === null) return work(() => undefined)
  if (mishap === 'die-before') process.kill()
  if (mishap === 'fail-before') throw passing('40001')
  if (!process.isAlive) throw new Died()
  const result = await work(() => {
    if (mishap === 'die-during') throw new Died()
  }).catch((error: unknown) => {
    if (error instanceof Died) process.kill()
    throw error
  })
  if (mishap === 'die-after' || mishap === 'die-during') process.kill()
  if (mishap === 'fail-after') throw passing('08006')
  return result
}

function passing(code: string): SqlError {
  return new SqlError({ code, message: 'The simulated connection failed', statement: 'commit' })
}
