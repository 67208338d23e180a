/**
 * A device that breaks at one step: before a statement that writes, before or after a COMMIT, an outbox write or an
 * exchange. Counting to each step in turn, until nothing breaks any more, tries all of them.
 *
 * ```
 *  step    1      2      3        4       5        6        7          8
 *          │write │write │outbox  │outbox │commit  │commit  │exchange  │exchange
 *          │      │      before   after   before   after    before     after
 * ```
 */
import type { Outbox } from '@/lib/sync/device/outbox'
import type { Transport } from '@/lib/sync/device/transport'
import { type Sql, SqlError, type Store } from '@/lib/sync/store/driver'
import { askedSql } from '../support/asked-sql'
import type { Surroundings } from '../support/person'

/**
 * Where it may break. A statement that fails takes its transaction back, like a crash before the commit: trying each of
 * them tells whether anything outside the transaction was done too early.
 */
type Grain = 'statements' | 'boundaries'

/** `crash`: the process is gone, nothing it does from here on takes effect. `fail`: this step fails, the rest works. */
type Breakage = 'crash' | 'fail'

/** One run of the app, from its start to its end. */
interface Life {
  isOver: boolean
}

export class Fragile {
  private planned: { step: number; how: Breakage } | null = null
  private steps = 0
  private life: Life = { isOver: false }
  /** What the planned step was; null while it was not reached. */
  brokeAt: string | null = null

  constructor(private readonly grain: Grain = 'boundaries') {}

  /** The step is counted from here. */
  breakAt(step: number, how: Breakage = 'crash'): void {
    this.planned = { step, how }
    this.steps = 0
    this.brokeAt = null
  }

  heal(): void {
    this.planned = null
  }

  /** What a device is given instead of its surroundings, at each start: `between` of a person. */
  readonly between = ({ store, outbox, transport, ...rest }: Surroundings): Surroundings => {
    // Whatever ran before was closed or is gone.
    this.life.isOver = true
    const life: Life = { isOver: false }
    this.life = life
    const pass = (what: string) => this.pass(life, what)
    const passStatement = this.grain === 'statements' ? pass : () => undefined
    return {
      ...rest,
      store: fragileStore(store, pass, passStatement),
      outbox: fragileOutbox(outbox, pass),
      transport: fragileNet(transport, pass),
    }
  }

  private pass(life: Life, what: string): void {
    if (life.isOver) throw new Error('The process is gone')
    if (!this.planned) return
    this.steps += 1
    if (this.steps !== this.planned.step) return
    this.brokeAt = what
    if (this.planned.how === 'crash') life.isOver = true
    throw new SqlError({ message: `It breaks: ${what}`, code: '53100', statement: what })
  }
}

/** Something that ends early because its process did. Answers whether it got to its end. */
export function begin(work: () => Promise<unknown>): Promise<boolean> {
  return work().then(
    () => true,
    () => false,
  )
}

/**
 * Does the same again and again, breaking at the first step, at the second, …, until it gets through. Answers where it
 * broke, in order.
 */
export async function atEveryStep(fragile: Fragile, turn: (step: number) => Promise<void>): Promise<string[]> {
  const places: string[] = []
  for (let step = 1; ; step += 1) {
    await turn(step)
    if (fragile.brokeAt === null) return places
    places.push(fragile.brokeAt)
    if (step > 400) throw new Error(`It never ends: ${places.slice(-5).join(', ')}`)
  }
}

type Pass = (what: string) => void

function fragileStore(store: Store, pass: Pass, passStatement: Pass): Store {
  return {
    ...store,
    transaction: async (work, options) => {
      let hasWritten = false
      const passWrite: Pass = (what) => {
        passStatement(what)
        hasWritten = true
      }
      const result = await store.transaction(async (sql) => {
        const worked = await work(fragileSql(sql, passWrite))
        if (hasWritten) pass('before commit')
        return worked
      }, options)
      if (hasWritten) pass('after commit')
      return result
    },
  }
}

/** Breaking before a question is breaking before the next write, commit or exchange. */
function fragileSql(sql: Sql, passWrite: Pass): Sql {
  const ask = (statement: string) => {
    if (!/^\s*select\b/i.test(statement)) passWrite(statement.slice(0, 60))
  }
  return askedSql(sql, ask)
}

function fragileOutbox(outbox: Outbox, pass: Pass): Outbox {
  const around = async (what: string, work: () => Promise<void>) => {
    pass(`before ${what}`)
    await work()
    pass(`after ${what}`)
  }
  return {
    load: () => outbox.load(),
    add: (record, state) => around('outbox add', () => outbox.add(record, state)),
    rewrite: (change) => around('outbox rewrite', () => outbox.rewrite(change)),
    close: () => outbox.close(),
  }
}

function fragileNet(transport: Transport, pass: Pass): Transport {
  return {
    ...transport,
    exchange: async (request, sending) => {
      pass('before exchange')
      const outcome = await transport.exchange(request, sending)
      pass('after exchange')
      return outcome
    },
  }
}
