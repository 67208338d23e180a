/** Carries out what the loop of the live tail decides: streams, timers, entries. The decisions are in `core/tail-loop`. */
import { InvariantBroken, unreachable } from '../core/invariant'
import type { LogEntry } from '../core/protocol'
import { firstTailState, nextTailState, type TailEvent, type TailState, type TailTask } from '../core/tail-loop'
import type { TailListener, TailSource, TailStream } from './tail-source'
import type { DeviceTrace } from './trace'

export interface TailOptions {
  readonly source: TailSource
  /** Takes entries in, all or none; false: they do not follow what is here, and an exchange must decide. */
  takeIn(entries: readonly LogEntry[]): Promise<boolean>
  /** They could not be taken in. */
  onFailure(error: unknown): void
  /** A promise of the engine is broken: nothing more is taken in. */
  onBroken(error: InvariantBroken): void
  /** Asks the push loop for an exchange. */
  wantExchange(): void
  random(): number
  schedule(ms: number, work: () => void): () => void
  trace(event: DeviceTrace): void
}

export interface Tail {
  start(): void
  stop(): void
  signedIn(): void
  hurry(): void
  /** Changes are heard of as they happen: polling may be rare. */
  isLive(): boolean
  /** Resolves when nothing that was heard is being taken in. */
  resting(): Promise<void>
  close(): Promise<void>
}

/** Of a device that hears of changes by exchanging only. */
export const noTail: Tail = {
  start: () => undefined,
  stop: () => undefined,
  signedIn: () => undefined,
  hurry: () => undefined,
  isLive: () => false,
  resting: async () => undefined,
  close: async () => undefined,
}

export function createTail(options: TailOptions): Tail {
  let state: TailState = firstTailState
  let cancelTimer = (): void => undefined

  const dispatch = (event: TailEvent) => {
    const before = state.kind
    const step = nextTailState(state, event, options.random())
    state = step.state
    if (state.kind !== before) {
      // A timer belongs to the state that set it.
      cancelTimer()
      options.trace({ kind: 'tail-state', state })
    }
    for (const task of step.tasks) carryOut(task)
  }
  const streams = createStreams(options, dispatch)

  const carryOut = (task: TailTask) => {
    switch (task.kind) {
      case 'open':
        return streams.open()
      case 'close':
        return streams.close()
      case 'refresh':
        return streams.refresh()
      case 'exchange':
        return options.wantExchange()
      case 'wait':
        cancelTimer()
        cancelTimer = options.schedule(task.ms, () => dispatch({ kind: 'timer' }))
        return
      default:
        return unreachable(task)
    }
  }

  return {
    start: () => dispatch({ kind: 'start' }),
    stop: () => dispatch({ kind: 'stop' }),
    signedIn: () => dispatch({ kind: 'signed-in' }),
    hurry: () => dispatch({ kind: 'hurry' }),
    isLive: () => state.kind === 'live',
    resting: streams.resting,
    close: () => {
      dispatch({ kind: 'stop' })
      return streams.resting()
    },
  }
}

/** One stream at a time. Each has its own listener: what a closed one still tells is not heard. */
function createStreams(options: TailOptions, dispatch: (event: TailEvent) => void) {
  let current: TailStream | null = null
  let opened = 0
  let taking: Promise<void> = Promise.resolve()

  const close = () => {
    current?.close()
    current = null
  }

  const listen = (): TailListener => {
    const own = opened
    const tell = (event: TailEvent) => {
      if (own === opened && current !== null) dispatch(event)
    }
    const end = (event: TailEvent) => {
      if (own !== opened || current === null) return
      close()
      dispatch(event)
    }
    return {
      onUpToDate: (entries) => {
        taking = taking.then(async () => tell({ kind: 'up-to-date', isGap: !(await take(options, entries)) }))
        return taking
      },
      onNoNetwork: () => tell({ kind: 'no-network' }),
      onEnded: (error) => {
        options.trace({ kind: 'tail-ended', error })
        end({ kind: 'ended' })
      },
      onUnauthorised: () => end({ kind: 'unauthorised' }),
    }
  }

  return {
    open: () => {
      close()
      opened += 1
      current = options.source.open(listen())
    },
    close,
    refresh: () => current?.refresh(),
    resting: () => taking,
  }
}

async function take(
  { takeIn, trace, onBroken, onFailure }: TailOptions,
  entries: readonly LogEntry[] | null,
): Promise<boolean> {
  if (entries === null) return false
  if (entries.length === 0) return true
  try {
    const isTaken = await takeIn(entries)
    trace({ kind: 'tail-told', entries: entries.length, isTaken })
    return isTaken
  } catch (error) {
    if (error instanceof InvariantBroken) onBroken(error)
    // What cannot be applied here is asked for by an exchange, which also knows what to do when that fails.
    else trace({ kind: 'failed', error })
    onFailure(error)
    return false
  }
}

/** A tail that is open only while somebody wants it, and there is room for what it tells (FM-10). */
export function gatedTail(tail: Tail, isFull: () => boolean): Tail & { gate(isOpen: boolean): void } {
  let isWanted = false
  return {
    ...tail,
    start: () => {
      isWanted = true
      if (!isFull()) tail.start()
    },
    stop: () => {
      isWanted = false
      tail.stop()
    },
    gate: (isOpen) => {
      if (!isOpen) tail.stop()
      else if (isWanted) tail.start()
    },
  }
}
