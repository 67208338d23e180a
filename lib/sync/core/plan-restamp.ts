/** New clocks and numbers for pending actions when the server asks for them (HLC-3, HLC-4). Pure. */
import { type Clock, decodeClock, encodeClock, laterClock, nextClock } from './hlc'

export interface Stamped {
  readonly id: string
  readonly ordinal: number
  readonly clock: Clock
}

export interface RestampQuestion {
  readonly actions: readonly Stamped[]
  /** Canonical clocks of those the server knows: they keep them. */
  readonly known: ReadonlyMap<string, Clock>
  /** The greatest clock the server accepted from this client or served to it, never this device's own runaway one. */
  readonly above: Clock | null
  readonly serverNowMs: number
  readonly clientId: string
}

export interface RestampPlan {
  /** Only what changes, by action id. */
  readonly clocks: ReadonlyMap<string, Clock>
  /** The lowered last clock of the device. */
  readonly lastClock: Clock | null
  /** How long the starting point is ahead of the server: another server's clock may be (HLC-3). */
  readonly waitMs: number
}

/**
 * In ordinal order, starting above `above`: a clock that is not ahead of the server and follows the one before it stays
 * as it is – it was right when it was made –, any other becomes the server's time. The result increases with the
 * ordinal and none of it is further ahead than the starting point.
 */
export function planRestamp({ actions, known, above, serverNowMs, clientId }: RestampQuestion): RestampPlan {
  const clocks = new Map<string, Clock>()
  const aheadMs = above === null ? 0 : decodeClock(above).ms - serverNowMs
  let last = above
  for (const { id, clock } of [...actions].sort((left, right) => left.ordinal - right.ordinal)) {
    const canonical = known.get(id)
    if (canonical !== undefined) {
      last = laterClock(last, canonical)
      continue
    }
    const isRight = decodeClock(clock).ms <= serverNowMs && (last === null || clock > last)
    const next = isRight ? clock : nextClock(last, serverNowMs, clientId)
    if (next !== clock) clocks.set(id, next)
    last = next
  }
  return { clocks, lastClock: last, waitMs: Math.max(0, aheadMs) }
}

/**
 * Everything of the outbox under a new client id, numbered 1, 2, 3 … in its old order (CX-45). Action ids stay, and with
 * them everything that derives from them; clocks keep their time.
 */
export function planRenumber(actions: readonly Stamped[], clientId: string): Map<string, Omit<Stamped, 'id'>> {
  const inOrder = [...actions].sort(
    (left, right) => left.ordinal - right.ordinal || (left.clock < right.clock ? -1 : 1),
  )
  return new Map(
    inOrder.map(({ id, clock }, place) => {
      const { ms, counter } = decodeClock(clock)
      return [id, { ordinal: place + 1, clock: encodeClock({ ms, counter, clientId }) }]
    }),
  )
}
