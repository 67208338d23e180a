/**
 * A page keeps its own worker: starts it, ends one that does not answer any more (an action without an end, FM-63), ends
 * one that lost its place (FM-26), and lets it go before the browser freezes the page, so that another tab may lead.
 */
import { openPromise } from '../open-promise'
import type { Opening, Port } from '../worker-protocol'
import { hear } from './channel'
import { fresh, heard, isSpent, limits, type Patience, ticked, tickMs } from './patience'
import { type Announcement, type FromOwnWorker, fromOwnWorker, type Leading, type ToOwnWorker } from './words'

export interface OwnWorker extends Port {
  terminate(): void
}

export interface KeeperOptions {
  readonly tabId: string
  readonly opening: Opening
  spawn(): OwnWorker
  schedule(ms: number, work: () => void): () => void
  now(): number
  /** What the worker says, besides what is for the keeper alone. */
  onMessage(message: Extract<FromOwnWorker, { kind: 'public' | 'answer' }>): void
  /** An action was ended with its worker. */
  onEnded(action: RunningAction): void
}

export interface RunningAction {
  readonly id: string
  readonly name: string
}

export interface Keeper {
  send(message: ToOwnWorker): void
  /** From other tabs. */
  heard(said: Announcement): void
  /** The browser is about to freeze this page. */
  freezing(): void
  thawed(): void
  /** Closes the database if it is here; resolves when another tab may have it, or after a moment. */
  close(): Promise<void>
}

/** An action of an app takes milliseconds. */
const runTicksMax = 15
/** A database that opens says so after seconds, in the worst case after a minute. */
const openingTicksMax = 180
const closeMs = 9_000
const silentMs = 5_000

export function createKeeper(options: KeeperOptions): Keeper {
  const { schedule, now } = options
  let [onResigned, cancelTick] = [(): void => undefined, (): void => undefined]
  const watch = createWatch(now)
  const own = createOwn(options, (message) => take(message))

  const end = () => {
    watch.forget()
    own.end()
  }
  const restart = () => {
    const ended = watch.running()
    end()
    own.start()
    if (ended) options.onEnded(ended)
  }

  const take = (message: FromOwnWorker) => {
    switch (message.kind) {
      case 'running':
        watch.runs(message.action)
        break
      case 'lost':
        watch.forget()
        restart()
        break
      case 'resigned':
        onResigned()
        end()
        break
      case 'public':
        if (message.announcement.kind === 'leading') watch.beat(message.announcement)
        options.onMessage(message)
        break
      default:
        options.onMessage(message)
    }
  }

  const tick = () => {
    cancelTick = schedule(tickMs, tick)
    if (watch.tick()) restart()
  }
  cancelTick = schedule(tickMs, tick)
  own.start()

  return {
    send: own.send,
    heard: (said) => {
      if (said.kind === 'silent' && watch.isSilent(said.term)) restart()
    },
    freezing: () => {
      if (watch.tabs() > 1) end()
    },
    thawed: () => {
      if (!own.isThere()) own.start()
    },
    close: async () => {
      cancelTick()
      if (!own.isThere()) return
      const resigned = openPromise<void>()
      onResigned = resigned.resolve
      own.send({ kind: 'resign' })
      const giveUp = schedule(closeMs, resigned.resolve)
      await resigned.promise
      giveUp()
      end()
    },
  }
}

/** The worker itself. What one says that was ended counts for nothing. */
function createOwn({ tabId, opening, spawn }: KeeperOptions, take: (message: FromOwnWorker) => void) {
  let worker: OwnWorker | null = null
  const send = (message: ToOwnWorker) => worker?.postMessage(message)
  return {
    isThere: () => worker !== null,
    send,
    start: () => {
      const started = spawn()
      worker = started
      hear(started, fromOwnWorker, (message) => {
        if (worker === started) take(message)
      })
      send({ kind: 'open', tabId, opening })
    },
    end: () => {
      worker?.terminate()
      worker = null
    },
  }
}

/** Whether the own worker leads, what it runs, and whether it still says so. */
function createWatch(now: () => number) {
  let leading: Leading | null = null
  let running: { readonly action: RunningAction; ticks: number } | null = null
  let patience: Patience = fresh
  let heardAtMs = 0
  let openingTicks = 0
  return {
    running: () => running?.action ?? null,
    runs: (action: RunningAction | null) => {
      running = action && { action, ticks: 0 }
    },
    beat: (said: Leading) => {
      if (said.isOpen || said.term !== leading?.term) openingTicks = 0
      leading = said
      heardAtMs = now()
      patience = heard(patience, said.isOpen)
    },
    forget: () => {
      leading = null
      running = null
      openingTicks = 0
    },
    tabs: () => leading?.tabs ?? 0,
    /** By the clock, because the timers of a hidden page come once a minute. */
    isSilent: (term: number) => leading?.term === term && now() - heardAtMs > silentMs,
    /** Answers whether the worker is beyond help. Ticks that came late do not count: this page slept. */
    tick: (): boolean => {
      patience = ticked(patience, now())
      if (running && patience.silentTicks > 0) running.ticks += 1
      if (!leading) return false
      if (!leading.isOpen && patience.silentTicks > 0) openingTicks += 1
      if (openingTicks > openingTicksMax) return true
      return (running?.ticks ?? 0) > runTicksMax || isSpent(patience, limits.restart)
    },
  }
}
