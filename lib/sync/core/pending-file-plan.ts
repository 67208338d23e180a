/**
 * Taking in pending work from a file (OUT-2, HLC-4). Pure.
 *
 * The person did it at its clocks, so that is where it belongs: between what was done here, not after it. On the server
 * clocks grow with the ordinal of one client, and this device may have had later ones accepted; so it takes a new client
 * id, whose history is empty, and numbers everything it keeps anew in the order of clocks.
 *
 * ```
 *  here      a 09:00 ─────────────── c 11:00          client A   1, 2
 *  file               b 10:00                         client B   1
 *  after     a 09:00  b 10:00        c 11:00          client C   3, 4, 5
 * ```
 */
import { type Clock, decodeClock, laterClock, nextClock } from './hlc'
import type { FiledAction } from './pending-file'
import type { Receipt } from './protocol'

export interface KeptAction {
  readonly id: string
  readonly ordinal: number
  readonly clock: Clock
  /** Its clock is canonical. */
  readonly isConfirmed: boolean
}

export interface TakingIn {
  readonly filed: readonly FiledAction[]
  /** Everything this device keeps of its own actions, in ordinal order. */
  readonly kept: readonly KeptAction[]
  /** What the server has answered for good, as far as this device has heard. */
  readonly answered: ReadonlySet<string>
  readonly clientId: string
  readonly lastOrdinal: number
  readonly lastClock: Clock | null
  /** Server time, as far as this device knows it. */
  readonly nowMs: number
}

export interface TakingInPlan {
  /** New here, in order. */
  readonly fresh: readonly FiledAction[]
  readonly alreadyHere: number
  readonly answered: number
  /** Of everything kept and everything fresh, by action id. */
  readonly numbers: ReadonlyMap<string, { readonly ordinal: number; readonly clock: Clock }>
  readonly lastOrdinal: number
  readonly lastClock: Clock | null
}

/** As far as the server lets a clock be ahead of it (HLC-3). */
const aheadMsMax = 10_000

/**
 * When nothing is fresh there is nothing to number, and the device keeps its client id. New ordinals are greater than all
 * of before, so that nobody has two for one moment.
 */
export function planTakingIn(question: TakingIn): TakingInPlan {
  const { filed, kept, answered, clientId, nowMs } = question
  const here = new Set(kept.map((action) => action.id))
  const elsewhere = filed.filter((action) => !here.has(action.id))
  // What a restored server may have lost is offered again, whatever was heard of it before.
  const fresh = elsewhere.filter((action) => action.wasConfirmed || !answered.has(action.id))
  const placed = inOrderOfClocks(kept, soberClocks(fresh, { clientId, nowMs }))
  const numbers = new Map<string, { ordinal: number; clock: Clock }>()
  let last: Clock | null = null
  for (const [place, action] of placed.entries()) {
    const isLate = !action.isConfirmed && last !== null && action.clock <= last
    const clock: Clock = isLate ? nextClock(last, decodeClock(action.clock).ms, clientId) : action.clock
    numbers.set(action.id, { ordinal: question.lastOrdinal + place + 1, clock })
    last = laterClock(last, clock)
  }
  return {
    fresh,
    alreadyHere: filed.length - elsewhere.length,
    answered: elsewhere.length - fresh.length,
    numbers,
    lastOrdinal: question.lastOrdinal + placed.length,
    lastClock: laterClock(question.lastClock, last),
  }
}

type Unnumbered = Omit<KeptAction, 'ordinal'>

/** In the order of the file and growing. One that is ahead of time is of no use as it is, and would drag others along. */
function soberClocks(
  actions: readonly FiledAction[],
  { clientId, nowMs }: Pick<TakingIn, 'clientId' | 'nowMs'>,
): Unnumbered[] {
  let last: Clock | null = null
  return actions.map(({ id, clock }) => {
    const { ms } = decodeClock(clock)
    const isAhead = ms > nowMs + aheadMsMax
    const isRight: boolean = !isAhead && (last === null || clock > last)
    last = isRight ? clock : nextClock(last, isAhead ? nowMs : ms, clientId)
    return { id, clock: last, isConfirmed: false }
  })
}

/** Both keep their own order; of two that come next the smaller clock goes first. */
function inOrderOfClocks(kept: readonly Unnumbered[], fresh: readonly Unnumbered[]): Unnumbered[] {
  const placed: Unnumbered[] = []
  let next = 0
  for (const action of fresh) {
    for (let own = kept[next]; own !== undefined && own.clock < action.clock; own = kept[next]) {
      placed.push(own)
      next += 1
    }
    placed.push(action)
  }
  return [...placed, ...kept.slice(next)]
}

export interface Overtaken {
  /** In ordinal order. */
  readonly pending: readonly Omit<KeptAction, 'isConfirmed'>[]
  readonly receipts: ReadonlyMap<string, Pick<Receipt, 'clientId' | 'clock'>>
  readonly clientId: string
}

/**
 * New clocks for what was done here after an action that came to the server under another client id, and with a later
 * clock than it had (HLC-4): from another device that was given it as a file, or from this one before a fork. The server
 * keeps the order of one client; this one knows the order in which its person did both.
 */
export function planOvertaken({ pending, receipts, clientId }: Overtaken): Map<string, Clock> {
  const clocks = new Map<string, Clock>()
  let last: Clock | null = null
  for (const { id, clock } of pending) {
    const receipt = receipts.get(id)
    if (receipt) {
      last = receipt.clientId === clientId ? last : laterClock(last, receipt.clock)
    } else if (last !== null && clock <= last) {
      last = nextClock(last, decodeClock(clock).ms, clientId)
      clocks.set(id, last)
    }
  }
  return clocks
}
