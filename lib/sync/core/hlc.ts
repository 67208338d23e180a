/**
 * Hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014): 48-bit milliseconds, 16-bit counter and the
 * client id, as a fixed-width string whose bytewise order is the order (HLC-1). JavaScript compares strings by UTF-16
 * units, which for this alphabet is the same as SQL under COLLATE "C".
 */
import { invariant } from './invariant'

/** `mmmmmmmmmmmm-cccc-<uuid>`, lower-case hexadecimal. */
export type Clock = string

export interface ClockParts {
  /** Milliseconds since 1970, below 2^48. */
  readonly ms: number
  /** 0 … 65,535. */
  readonly counter: number
  readonly clientId: string
}

const msMax = 2 ** 48 - 1
const counterMax = 0xffff
const clientIdForm = /^[0-9a-f-]{36}$/

export function encodeClock({ ms, counter, clientId }: ClockParts): Clock {
  invariant(Number.isInteger(ms) && ms >= 0 && ms <= msMax, 'HLC-1', ['Milliseconds do not fit 48 bits', ms])
  const fits = Number.isInteger(counter) && counter >= 0 && counter <= counterMax
  invariant(fits, 'HLC-1', ['Counter does not fit', counter])
  invariant(clientIdForm.test(clientId), 'HLC-1', ['A client id is a uuid in lower case', clientId])
  return `${ms.toString(16).padStart(12, '0')}-${counter.toString(16).padStart(4, '0')}-${clientId}`
}

export function decodeClock(clock: Clock): ClockParts {
  invariant(/^[0-9a-f]{12}-[0-9a-f]{4}-[0-9a-f-]{36}$/.test(clock), 'HLC-1', ['Not a clock', clock])
  return {
    ms: Number.parseInt(clock.slice(0, 12), 16),
    counter: Number.parseInt(clock.slice(13, 17), 16),
    clientId: clock.slice(18),
  }
}

export function compareClocks(left: Clock, right: Clock): -1 | 0 | 1 {
  return left < right ? -1 : left > right ? 1 : 0
}

/** Not a clock, but where those of this millisecond begin: smaller than all of them. */
export function firstClockAt(ms: number): Clock {
  return Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0')
}

/** The greater of two clocks; an absent or empty one is smaller than all. */
export function laterClock(left: Clock | null, right: Clock | null): Clock | null {
  if (!left) return right || null
  if (!right) return left
  return left < right ? right : left
}

/**
 * The next stamp of a client: greater than `last` and not before `nowMs` (HLC-2). A full counter spills into the
 * milliseconds, it never throws (FM-44).
 */
export function nextClock(last: Clock | null, nowMs: number, clientId: string): Clock {
  const now = Math.floor(nowMs)
  if (!last) return encodeClock({ ms: now, counter: 0, clientId })
  const { ms, counter } = decodeClock(last)
  if (now > ms) return encodeClock({ ms: now, counter: 0, clientId })
  return counter < counterMax
    ? encodeClock({ ms, counter: counter + 1, clientId })
    : encodeClock({ ms: ms + 1, counter: 0, clientId })
}

/** Replay order: clock, then action id, bytewise. The one total order of canonical history. */
export function compareReplayOrder(
  left: { readonly clock: Clock; readonly id: string },
  right: { readonly clock: Clock; readonly id: string },
): -1 | 0 | 1 {
  return compareClocks(left.clock, right.clock) || (left.id < right.id ? -1 : left.id > right.id ? 1 : 0)
}
