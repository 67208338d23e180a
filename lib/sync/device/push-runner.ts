/** Carries out what the push loop decides: exchanges, timers, marks. The decisions are in `core/push-loop`. */
import { InvariantBroken } from '../core/invariant'
import { firstPushState, nextPushState, type Pace, type PushEvent, type PushState } from '../core/push-loop'

export interface PushRunnerOptions {
  exchange(pace: Pace): Promise<PushEvent>
  noteFailure(id: string, isHeld: boolean): Promise<void>
  random(): number
  /** Runs `work` after so many milliseconds; returns how to call it off. */
  schedule(ms: number, work: () => void): () => void
  onState(state: PushState): void
  /** Answers why, when the network has no part in it. */
  onFailure(error: unknown): 'storage' | null
}

export interface PushRunner {
  state(): PushState
  want(isUrgent: boolean): void
  signedIn(): void
  /** Somebody beside the loop met a broken promise of the engine: sync stops, and the work is kept. */
  broke(error: InvariantBroken): void
  /** Resolves when no exchange is in flight. */
  resting(): Promise<void>
  /** Nothing is begun after this; resolves when the exchange in flight has ended. */
  close(): Promise<void>
}

export function createPushRunner(options: PushRunnerOptions): PushRunner {
  let state = firstPushState
  let isClosed = false
  let cancelTimer = (): void => undefined
  let inFlight: Promise<void> = Promise.resolve()

  const dispatch = (event: PushEvent) => {
    if (isClosed) return
    const before = state.kind
    const step = nextPushState(state, event, options.random())
    state = step.state
    if (state.kind !== 'waiting' || before !== 'waiting') cancelTimer()
    options.onState(state)
    const marks = step.tasks.flatMap((task) => (task.kind === 'blame' || task.kind === 'hold' ? [task] : []))
    for (const task of step.tasks) {
      if (task.kind === 'wait') cancelTimer = options.schedule(task.ms, () => dispatch({ kind: 'timer' }))
      if (task.kind === 'exchange') inFlight = inFlight.then(() => run(marks))
    }
    if (marks.length > 0 && !step.tasks.some((task) => task.kind === 'exchange')) {
      inFlight = inFlight.then(() => note(marks)).catch(fail)
    }
  }

  const note = async (marks: readonly { kind: 'blame' | 'hold'; id: string }[]) => {
    for (const { kind, id } of marks) await options.noteFailure(id, kind === 'hold')
  }

  const run = async (marks: readonly { kind: 'blame' | 'hold'; id: string }[]) => {
    try {
      await note(marks)
      if (isClosed || !('pace' in state)) return
      dispatch(await options.exchange(state.pace))
    } catch (error) {
      fail(error)
    }
  }

  /** A broken promise of the engine stops sync and keeps the work. Anything else may pass: it is tried again later. */
  const fail = (error: unknown) => {
    const why = options.onFailure(error) ?? 'invalid'
    if (error instanceof InvariantBroken) return dispatch({ kind: 'broken' })
    dispatch({ kind: 'failed', why, offered: 0, single: null, isAlone: false, retryAfterMs: null })
  }

  const resting = async () => {
    while (state.kind === 'exchanging' && !isClosed) await inFlight
  }

  return {
    state: () => state,
    want: (isUrgent) => dispatch({ kind: 'wanted', isUrgent }),
    signedIn: () => dispatch({ kind: 'signed-in' }),
    broke: fail,
    resting,
    close: async () => {
      isClosed = true
      cancelTimer()
      await inFlight
    },
  }
}
