/**
 * The loop of the live tail as a state machine: when a stream is open, when it is live, how long to wait before another
 * one (SHP-4, FM-33). Pure: `device/tail` carries the tasks out and decides nothing.
 *
 * ```
 *          start              up to date
 *    off ─────────▶ opening ─────────────▶ live ◀─up to date─ cut
 *                    ▲    │ ended            │ └──no network──▶ ┘
 *                    │    ▼                  │ ended
 *                  waiting ◀─────────────────┘        401 in any of them ──▶ signed-out ──signed in──▶ opening
 * ```
 *
 * A new stream starts at now, so what came before it is asked for by an exchange once it is up to date. A stream that
 * was only cut goes on where it was. The tail is an accelerator: whatever it drops, an exchange brings.
 */

export type TailState =
  | { readonly kind: 'off' }
  | { readonly kind: 'opening'; readonly attempt: number }
  | { readonly kind: 'live'; readonly attempt: number }
  /** The stream is open but hears nothing: the client library tries again by itself. */
  | { readonly kind: 'cut'; readonly attempt: number }
  | { readonly kind: 'waiting'; readonly attempt: number }
  | { readonly kind: 'signed-out'; readonly attempt: number }

export type TailEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
  /** Everything up to now was heard, and taken in as far as it fitted. `isGap`: something did not. */
  | { readonly kind: 'up-to-date'; readonly isGap: boolean }
  | { readonly kind: 'no-network' }
  /** The stream is over: the server asks for another one, or its answers are none of ours. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'unauthorised' }
  | { readonly kind: 'signed-in' }
  /** The network came back, or somebody looks at the page. */
  | { readonly kind: 'hurry' }
  | { readonly kind: 'timer' }

export type TailTask =
  | { readonly kind: 'open' }
  | { readonly kind: 'close' }
  /** Ask again at once, on the stream that is open. */
  | { readonly kind: 'refresh' }
  | { readonly kind: 'exchange' }
  /** Replaces the wait before it. */
  | { readonly kind: 'wait'; readonly ms: number }

export interface TailStep {
  readonly state: TailState
  readonly tasks: readonly TailTask[]
}

export const firstTailState: TailState = { kind: 'off' }

/** So long a stream has to live before its end counts as the first one again. */
const steadyMs = 60_000
const delayFirstMs = 1_000
const delayMaxMs = 120_000

type StateOf<Kind> = Extract<TailState, { kind: Kind }>
type EventOf<Kind> = Extract<TailEvent, { kind: Kind }>
/** `chance` is a number in [0, 1) for the jitter. */
type Cell<S, E> = (state: StateOf<S>, event: EventOf<E>, chance: number) => TailStep
/** Total: a state or an event without its cell does not compile. */
type Table = { readonly [S in TailState['kind']]: { readonly [E in TailEvent['kind']]: Cell<S, E> } }

const stay = (state: TailState): TailStep => ({ state, tasks: [] })
const open = ({ attempt }: { attempt: number }): TailStep => ({
  state: { kind: 'opening', attempt },
  tasks: [{ kind: 'open' }],
})
const close = (): TailStep => ({ state: { kind: 'off' }, tasks: [{ kind: 'close' }] })
const refresh = (state: TailState): TailStep => ({ state, tasks: [{ kind: 'refresh' }] })
const signOut = ({ attempt }: { attempt: number }): TailStep => stay({ kind: 'signed-out', attempt })
const cut = ({ attempt }: { attempt: number }): TailStep => stay({ kind: 'cut', attempt })

/** The first end is followed by another stream at once, those after it ever later. */
const again = ({ attempt }: { attempt: number }, _event: unknown, chance: number): TailStep => {
  const next = attempt + 1
  if (next === 1) return { state: { kind: 'opening', attempt: next }, tasks: [{ kind: 'open' }, { kind: 'exchange' }] }
  const full = Math.min(delayMaxMs, delayFirstMs * 2 ** Math.min(next - 2, 16))
  const ms = Math.round(full / 2 + (full / 2) * chance)
  return { state: { kind: 'waiting', attempt: next }, tasks: [{ kind: 'exchange' }, { kind: 'wait', ms }] }
}

const whileOff = {
  start: () => open({ attempt: 0 }),
  stop: stay,
  'up-to-date': stay,
  'no-network': stay,
  ended: stay,
  unauthorised: stay,
  'signed-in': stay,
  hurry: stay,
  timer: stay,
}

const table: Table = {
  off: whileOff,
  opening: {
    start: stay,
    stop: close,
    'up-to-date': ({ attempt }) => ({
      state: { kind: 'live', attempt },
      tasks: [{ kind: 'exchange' }, { kind: 'wait', ms: steadyMs }],
    }),
    'no-network': stay,
    ended: again,
    unauthorised: signOut,
    // Nothing was read yet: another stream is the way past whatever this one waits for.
    'signed-in': open,
    hurry: open,
    timer: stay,
  },
  live: {
    start: stay,
    stop: close,
    'up-to-date': (state, { isGap }) => ({ state, tasks: isGap ? [{ kind: 'exchange' }] : [] }),
    'no-network': cut,
    ended: again,
    unauthorised: signOut,
    'signed-in': stay,
    hurry: refresh,
    timer: () => stay({ kind: 'live', attempt: 0 }),
  },
  cut: {
    start: stay,
    stop: close,
    'up-to-date': ({ attempt }, { isGap }) => ({
      state: { kind: 'live', attempt },
      tasks: [...(isGap ? [{ kind: 'exchange' } as const] : []), { kind: 'wait', ms: steadyMs }],
    }),
    'no-network': stay,
    ended: again,
    unauthorised: signOut,
    'signed-in': refresh,
    hurry: refresh,
    timer: stay,
  },
  waiting: {
    start: stay,
    stop: () => stay({ kind: 'off' }),
    'up-to-date': stay,
    'no-network': stay,
    ended: stay,
    unauthorised: stay,
    'signed-in': open,
    hurry: stay,
    timer: open,
  },
  'signed-out': {
    start: stay,
    stop: () => stay({ kind: 'off' }),
    'up-to-date': stay,
    'no-network': stay,
    ended: stay,
    unauthorised: stay,
    'signed-in': open,
    hurry: open,
    timer: stay,
  },
}

export function nextTailState(state: TailState, event: TailEvent, chance: number): TailStep {
  // The key types of the table guarantee the pair; TypeScript cannot follow two unions at once.
  const cell = table[state.kind][event.kind] as (state: TailState, event: TailEvent, chance: number) => TailStep
  return cell(state, event, chance)
}
