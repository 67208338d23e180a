/**
 * The push loop as a state machine: when to exchange, how much to offer, how long to wait (REC-1, ING-6, NET-1). Pure:
 * `device/push-runner` carries the tasks out and decides nothing. One exchange is in flight, at most one is queued.
 *
 * ```
 *            wanted                        failed
 *   idle ─────────────▶ exchanging ──────────────────▶ waiting ──timer, urgent──▶ exchanging
 *    ▲  ◀── answered ──┘   │    ▲ └── 401 ──▶ signed-out ──signed in──▶ exchanging
 *    │      (nothing more) └────┘ more to read, more to send, told to do something first
 *    └ any ── broken ──▶ stopped
 * ```
 *
 * How much a push offers is its pace. A failed push is followed by an empty exchange (`probe`): only when that one is
 * answered it was not the network, and the offered actions are searched by halving (`narrow`).
 *
 * ```
 *   full ──failed──▶ probe ──answered──▶ narrow ──failed──▶ probe …
 *     ▲                                    └─ all that were in the failed push are through, or the one is held ─▶ full
 * ```
 */
import { unreachable } from './invariant'

export interface Single {
  readonly id: string
  /** Counted failures of pushes that carried this action alone, before this one. */
  readonly failures: number
}

export type Pace =
  | { readonly kind: 'full' }
  /** A push of `offered` actions failed; the next exchange carries none. */
  | { readonly kind: 'probe'; readonly offered: number; readonly single: Single | null }
  /** The bad action is among the next `left`; offer at most `max` of them. */
  | { readonly kind: 'narrow'; readonly max: number; readonly left: number }

export type PushState =
  | { readonly kind: 'idle'; readonly pace: Pace }
  | {
      readonly kind: 'exchanging'
      readonly pace: Pace
      readonly isQueued: boolean
      /** Failures in a row. */
      readonly attempt: number
      /** Answers in a row that only told the device to do something first. */
      readonly told: number
    }
  | { readonly kind: 'waiting'; readonly pace: Pace; readonly attempt: number; readonly why: Failure }
  | { readonly kind: 'signed-out'; readonly pace: Pace }
  | { readonly kind: 'stopped' }

/**
 * `offline`: no answer at all. `invalid`: an answer that is none of ours. `server`: 5xx. `busy`: 429. `refused`: the
 * server does not take what this app sends, the app must be updated. `storage`: this device could not keep the answer.
 */
export type Failure = 'offline' | 'invalid' | 'server' | 'busy' | 'too-large' | 'refused' | 'storage'

export type PushEvent =
  /** Urgent: a person asked, or the network came back. */
  | { readonly kind: 'wanted'; readonly isUrgent: boolean }
  /** A `sync` answer was applied. `again`: there is more to read or to send, and this exchange made progress. */
  | { readonly kind: 'answered'; readonly offered: number; readonly again: boolean }
  /** `reset`, `ahead` or `fork` was carried out; `waitMs` when the clock must be waited for first (HLC-3). */
  | { readonly kind: 'told'; readonly waitMs: number }
  | {
      readonly kind: 'failed'
      readonly why: Failure
      readonly offered: number
      readonly single: Single | null
      /** A poison action tried alone: its failure says nothing about the others. */
      readonly isAlone: boolean
      readonly retryAfterMs: number | null
    }
  | { readonly kind: 'unauthorised' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'timer' }
  | { readonly kind: 'broken' }

export type PushTask =
  | { readonly kind: 'exchange' }
  | { readonly kind: 'wait'; readonly ms: number }
  /** One more counted failure of this action alone. */
  | { readonly kind: 'blame'; readonly id: string }
  /** Three of them: hold it and send the rest (ING-6). */
  | { readonly kind: 'hold'; readonly id: string }

export interface Step {
  readonly state: PushState
  readonly tasks: readonly PushTask[]
}

export const firstPushState: PushState = { kind: 'idle', pace: { kind: 'full' } }

const singleFailuresMax = 3
const delayFirstMs = 1_000
const delayMaxMs = 60_000
/** Orders to do something first that are obeyed at once; more in a row are slowed down (CX-41, NET-1). */
const toldAtOnceMax = 3

type StateOf<Kind> = Extract<PushState, { kind: Kind }>
type EventOf<Kind> = Extract<PushEvent, { kind: Kind }>
/** `chance` is a number in [0, 1) for the jitter. */
type Cell<S, E> = (state: StateOf<S>, event: EventOf<E>, chance: number) => Step

/** Total: a state or an event without its cell does not compile. */
type Table = { readonly [S in PushState['kind']]: { readonly [E in PushEvent['kind']]: Cell<S, E> } }

const stay = (state: PushState): Step => ({ state, tasks: [] })
const stop = (): Step => stay({ kind: 'stopped' })
const exchange = (pace: Pace, before: { attempt?: number; told?: number; tasks?: readonly PushTask[] } = {}): Step => ({
  state: { kind: 'exchanging', pace, isQueued: false, attempt: before.attempt ?? 0, told: before.told ?? 0 },
  tasks: [...(before.tasks ?? []), { kind: 'exchange' }],
})

const table: Table = {
  idle: {
    wanted: ({ pace }) => exchange(pace),
    answered: stay,
    told: stay,
    failed: stay,
    unauthorised: ({ pace }) => stay({ kind: 'signed-out', pace }),
    'signed-in': ({ pace }) => exchange(pace),
    timer: stay,
    broken: stop,
  },
  exchanging: {
    wanted: (state) => stay({ ...state, isQueued: true }),
    answered: afterAnswer,
    told: (state, event, chance) => {
      const told = state.told + 1
      const ms = event.waitMs || (told > toldAtOnceMax ? delayMs(told - toldAtOnceMax, chance) : 0)
      if (ms === 0) return exchange(state.pace, { told })
      return { state: { kind: 'waiting', pace: state.pace, attempt: 0, why: 'busy' }, tasks: [{ kind: 'wait', ms }] }
    },
    failed: afterFailure,
    unauthorised: ({ pace }) => stay({ kind: 'signed-out', pace }),
    'signed-in': (state) => stay({ ...state, isQueued: true }),
    timer: stay,
    broken: stop,
  },
  waiting: {
    wanted: (state, { isUrgent }) => (isUrgent ? exchange(state.pace, { attempt: state.attempt }) : stay(state)),
    answered: stay,
    told: stay,
    failed: stay,
    unauthorised: ({ pace }) => stay({ kind: 'signed-out', pace }),
    'signed-in': (state) => exchange(state.pace, { attempt: state.attempt }),
    timer: (state) => exchange(state.pace, { attempt: state.attempt }),
    broken: stop,
  },
  'signed-out': {
    wanted: (state, { isUrgent }) => (isUrgent ? exchange(state.pace) : stay(state)),
    answered: stay,
    told: stay,
    failed: stay,
    unauthorised: stay,
    'signed-in': ({ pace }) => exchange(pace),
    timer: stay,
    broken: stop,
  },
  stopped: {
    wanted: stay,
    answered: stay,
    told: stay,
    failed: stay,
    unauthorised: stay,
    'signed-in': stay,
    timer: stay,
    broken: stay,
  },
}

export function nextPushState(state: PushState, event: PushEvent, chance: number): Step {
  // The key types of the table guarantee the pair; TypeScript cannot follow two unions at once.
  const cell = table[state.kind][event.kind] as (state: PushState, event: PushEvent, chance: number) => Step
  return cell(state, event, chance)
}

function afterAnswer(state: StateOf<'exchanging'>, event: EventOf<'answered'>): Step {
  const { pace, tasks } = paceAfterAnswer(state.pace, event.offered)
  if (event.again || state.isQueued || state.pace.kind === 'probe') return exchange(pace, { tasks })
  return { state: { kind: 'idle', pace }, tasks }
}

function paceAfterAnswer(pace: Pace, offered: number): { pace: Pace; tasks: PushTask[] } {
  switch (pace.kind) {
    case 'full':
      return { pace, tasks: [] }
    case 'narrow': {
      // Nothing to offer: those that were searched went through after all, their answer was lost.
      const isOver = offered === 0 || offered >= pace.left
      return { pace: isOver ? { kind: 'full' } : { ...pace, left: pace.left - offered }, tasks: [] }
    }
    case 'probe':
      return counted(pace.offered, pace.single)
    default:
      return unreachable(pace)
  }
}

/** A failure that was not the network's: search the half, or count it against the single action. */
function counted(offered: number, single: Single | null): { pace: Pace; tasks: PushTask[] } {
  if (single === null) return { pace: { kind: 'narrow', max: Math.floor(offered / 2), left: offered }, tasks: [] }
  if (single.failures + 1 >= singleFailuresMax) {
    return { pace: { kind: 'full' }, tasks: [{ kind: 'hold', id: single.id }] }
  }
  return { pace: { kind: 'narrow', max: 1, left: 1 }, tasks: [{ kind: 'blame', id: single.id }] }
}

function afterFailure(state: StateOf<'exchanging'>, event: EventOf<'failed'>, chance: number): Step {
  const { pace, tasks } = paceAfterFailure(state.pace, event)
  const attempt = state.attempt + 1
  // Too large is an answer about these very actions: no doubt about the network, no reason to wait.
  if (event.why === 'too-large' && event.offered > 0) return exchange(pace, { attempt, tasks })
  const ms = Math.max(event.retryAfterMs ?? 0, delayMs(attempt, chance))
  return { state: { kind: 'waiting', pace, attempt, why: event.why }, tasks: [...tasks, { kind: 'wait', ms }] }
}

function paceAfterFailure(pace: Pace, event: EventOf<'failed'>): { pace: Pace; tasks: PushTask[] } {
  // There was an answer, or nothing was asked: either way the network has no part in it, and what waits may be offered.
  if (event.why === 'storage') return { pace: pace.kind === 'probe' ? { kind: 'full' } : pace, tasks: [] }
  // A rate limit says nothing about the actions, and a failed probe nothing at all.
  if (event.isAlone || event.offered === 0 || event.why === 'busy') return { pace, tasks: [] }
  if (event.why === 'too-large') return counted(event.offered, event.single)
  return { pace: { kind: 'probe', offered: event.offered, single: event.single }, tasks: [] }
}

/** Exponential with jitter: half of the delay is chance, so that devices do not return together after an outage. */
function delayMs(attempt: number, chance: number): number {
  const full = Math.min(delayMaxMs, delayFirstMs * 2 ** Math.min(attempt - 1, 16))
  return Math.round(full / 2 + (full / 2) * chance)
}
