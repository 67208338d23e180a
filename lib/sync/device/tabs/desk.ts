/**
 * The desk of the leader: every tab comes here with what it wants of the device (TAB-1). Calls and watches wait while
 * the database opens, and actions come first then: whoever did one waits for its answer, and screens still show what they
 * had. A tab is known by its first word and forgotten when it leaves or falls silent.
 */
import { unreachable } from '../../core/invariant'
import { DeviceFailure } from '../client'
import type { Device } from '../engine'
import { NewerTables } from '../fitting-database'
import type { LiveQueries } from '../live'
import { openPromise } from '../open-promise'
import { createPolling, type Polling } from '../polling'
import { remedies, storageTrouble } from '../storage-failure'
import { startingStatus } from '../views'
import { toWireFailure } from '../wire-failure'
import type { Call } from '../worker-protocol'
import { isOlder } from './versions'
import type { Answer, PageChange, Request } from './words'

export interface OpenDevice {
  readonly device: Device
  readonly live: LiveQueries
}

export interface DeskOptions {
  readonly build: string
  reply(tabId: string, answer: Answer): void
  forget(tabId: string): void
  schedule(ms: number, work: () => void): () => void
  now(): number
}

export interface Desk {
  hear(tabId: string, request: Request): void
  opened(open: OpenDevice): void
  /** The database does not open: everybody who asks is told why. */
  broken(error: unknown): void
  /** Once a second. */
  tick(): void
  tabs(): number
  /** Nothing new is begun; resolves when what was begun is answered. */
  drain(): Promise<void>
  /** Nobody is answered any more. */
  stop(): void
}

/** Tabs ping each 20 s, once a minute when they are hidden: one that is silent for so many seconds is gone. */
const silentTicksMax = 150

interface Session {
  readonly tabId: string
  readonly isOlder: boolean
  readonly watches: Map<number, () => void>
  isVisible: boolean
  silentTicks: number
}

export function createDesk(options: DeskOptions): Desk {
  const ready = openPromise<OpenDevice>()
  let device: Device | null = null
  /** What everybody sees when the database does not open. */
  let stopped: Answer | null = null
  let phase: 'working' | 'draining' | 'over' = 'working'
  const work = createWork(ready.promise)

  const reply = (tabId: string, answer: Answer) => {
    if (phase !== 'over') options.reply(tabId, answer)
  }
  const polling = createPolling({
    schedule: options.schedule,
    wake: (isUrgent) => device?.wake(isUrgent),
    isTailing: () => device?.isTailing() ?? false,
  })
  const greeting = () => (device ? [statusOf(device), receiptsOf(device)] : stopped ? [stopped] : [])
  const sessions = createSessions({ ...options, reply, polling, greeting })
  const { readyForScreens } = work
  const answering = createAnswering({ ...options, reply, ready: ready.promise, readyForScreens })

  const hear = (tabId: string, request: Request) => {
    if (request.kind === 'join') return sessions.join(tabId, request)
    const session = sessions.heard(tabId)
    if (!session) return reply(tabId, { kind: 'rejoin' })
    if (request.kind === 'call') return work.begin(answering.call(session, request), request.call)
    if (request.kind === 'page' && request.change === 'signed-in') return device?.signedIn()
    handle(session, request, { sessions, answering })
  }

  return {
    hear: (tabId, request) => {
      // What comes while it drains is asked again: of the next leader, by the same id.
      if (phase === 'working') hear(tabId, request)
    },
    opened: (open) => {
      device = open.device
      device.status.subscribe(() => sessions.tell(statusOf(open.device)))
      device.receipts.subscribe(() => sessions.tell(receiptsOf(open.device)))
      ready.resolve(open)
      for (const answer of greeting()) sessions.tell(answer)
      polling.start()
      device.startTail()
    },
    broken: (error) => {
      // Those who ask later are told by their own call.
      ready.promise.catch(() => undefined)
      ready.reject(error)
      stopped = brokenStatus(error)
      sessions.tell(stopped)
    },
    tick: sessions.tick,
    tabs: sessions.count,
    drain: async () => {
      phase = 'draining'
      polling.stop()
      await work.ended()
    },
    stop: () => {
      phase = 'over'
      polling.stop()
      device?.stopTail()
      sessions.close()
    },
  }
}

/** What was begun and is not answered. */
function createWork(ready: Promise<OpenDevice>) {
  const running = new Set<Promise<void>>()
  const earlyActions: Promise<void>[] = []
  let isEarly = true
  const readyForScreens = ready.then(async (open) => {
    isEarly = false
    await Promise.all(earlyActions)
    return open
  })
  // Each watch is told by itself.
  readyForScreens.catch(() => undefined)
  return {
    readyForScreens,
    begin: (work: Promise<void>, { method }: Call) => {
      const ended = work.finally(() => running.delete(ended))
      running.add(ended)
      if (isEarly && method === 'execute') earlyActions.push(ended)
    },
    ended: () => Promise.all(running),
  }
}

interface Hearing {
  readonly sessions: ReturnType<typeof createSessions>
  readonly answering: ReturnType<typeof createAnswering>
}

/** What has no end to be waited for. */
function handle(
  session: Session,
  request: Exclude<Request, { kind: 'join' | 'call' }>,
  { sessions, answering }: Hearing,
) {
  switch (request.kind) {
    case 'ping':
      break
    case 'leave':
      sessions.leave(session)
      break
    case 'page':
      if (request.change !== 'signed-in') sessions.page(session, request.change)
      break
    case 'await':
      void answering.settle(session.tabId, request.actionId)
      break
    case 'watch':
      void answering.watch(session, request)
      break
    case 'unwatch':
      answering.unwatch(session, request.id)
      break
    default:
      unreachable(request)
  }
}

interface SessionsOptions extends Pick<DeskOptions, 'build' | 'reply' | 'forget'> {
  readonly polling: Polling
  /** What somebody who comes is told at once. */
  greeting(): readonly Answer[]
}

/** Which tabs there are, and whether anybody looks. */
function createSessions({ build, reply, forget, polling, greeting }: SessionsOptions) {
  const sessionsById = new Map<string, Session>()
  let wasSeen = true
  /** Tells the polling whether anybody looks, when that changed. */
  const look = () => {
    const isSeen = [...sessionsById.values()].some((session) => session.isVisible)
    if (isSeen !== wasSeen) polling.page(isSeen ? 'visible' : 'hidden')
    wasSeen = isSeen
  }
  const stopWatches = ({ watches }: Session) => {
    for (const stop of watches.values()) stop()
    watches.clear()
  }
  const leave = (session: Session) => {
    stopWatches(session)
    sessionsById.delete(session.tabId)
    forget(session.tabId)
    look()
  }
  return {
    join: (tabId: string, asked: Extract<Request, { kind: 'join' }>) => {
      const former = sessionsById.get(tabId)
      if (former) stopWatches(former)
      const { isVisible } = asked
      const session = { tabId, isVisible, isOlder: isOlder(asked.build, build), watches: new Map(), silentTicks: 0 }
      sessionsById.set(tabId, session)
      look()
      for (const answer of greeting()) reply(tabId, answer)
    },
    heard: (tabId: string) => {
      const session = sessionsById.get(tabId)
      if (session) session.silentTicks = 0
      return session
    },
    leave,
    page: (session: Session, change: Exclude<PageChange, 'signed-in'>) => {
      if (change === 'focused' || change === 'online') return polling.page(change)
      session.isVisible = change === 'visible'
      look()
    },
    tell: (answer: Answer) => {
      for (const tabId of sessionsById.keys()) reply(tabId, answer)
    },
    tick: () => {
      for (const session of [...sessionsById.values()]) {
        session.silentTicks += 1
        if (session.silentTicks > silentTicksMax) leave(session)
      }
    },
    count: () => sessionsById.size,
    close: () => {
      for (const session of sessionsById.values()) stopWatches(session)
    },
  }
}

interface AnsweringOptions extends Pick<DeskOptions, 'reply' | 'now'> {
  readonly ready: Promise<OpenDevice>
  readonly readyForScreens: Promise<OpenDevice>
}

function createAnswering({ ready, readyForScreens, reply, now }: AnsweringOptions) {
  const settle = async (tabId: string, actionId: string) => {
    try {
      const receipt = await (await ready).device.settled(actionId)
      reply(tabId, { kind: 'settled', actionId, receipt: { ...receipt, difference: [...receipt.difference] } })
    } catch (error) {
      reply(tabId, { kind: 'not-settled', actionId, failure: toWireFailure(error) })
    }
  }

  return {
    settle,
    call: async (session: Session, { id, call, untilMs }: Extract<Request, { kind: 'call' }>) => {
      const { tabId } = session
      try {
        const { device } = await ready
        if (now() > untilMs) throw new DeviceFailure('timeout', 'It was not begun in time, and is not begun any more.')
        reply(tabId, { kind: 'done', id, value: await carryOut(device, call, session) })
        if (call.method === 'execute') void settle(tabId, call.actionId)
      } catch (error) {
        reply(tabId, { kind: 'failed', id, failure: toWireFailure(error) })
      }
    },
    watch: async ({ tabId, watches }: Session, { id, sql, params }: Extract<Request, { kind: 'watch' }>) => {
      const send = (answer: Answer) => {
        if (watches.has(id)) reply(tabId, answer)
      }
      const onError = (error: unknown) => send({ kind: 'watch-failed', id, failure: toWireFailure(error) })
      watches.get(id)?.()
      watches.set(id, () => undefined)
      try {
        const { live } = await readyForScreens
        // Stopped again before the database was open.
        if (!watches.has(id)) return
        const stop = live.watch({ sql, params }, { onRows: (rows) => send({ kind: 'rows', id, rows }), onError })
        watches.set(id, stop)
      } catch (error) {
        onError(error)
      }
    },
    unwatch: ({ watches }: Session, id: number) => {
      watches.get(id)?.()
      watches.delete(id)
    },
  }
}

async function carryOut(device: Device, call: Call, { isOlder: isFromOlder }: Session): Promise<unknown> {
  switch (call.method) {
    case 'execute':
      // The code of that tab is not this one's: it is told what became of what it did, and does nothing new (FM-27).
      if (isFromOlder) return device.recall(call.name, call.input, call.actionId)
      return device.execute(call.name, call.input, call.actionId)
    case 'markSeen':
      return device.markSeen(call.actionIds)
    case 'exportData':
      return device.exportData()
    case 'exportPending':
      return device.exportPending()
    case 'importPending':
      if (isFromOlder) throw new DeviceFailure('unavailable', 'Reload to get the newer app first.')
      return device.importPending(call.text)
    case 'syncNow':
      return device.syncNow()
    case 'verify':
      return device.verify()
    case 'digestReport':
      return device.digestReport()
    case 'resync':
      return device.resync()
    case 'discardPending':
      return device.discardPending()
    default:
      return unreachable(call)
  }
}

const statusOf = (device: Device): Answer => ({ kind: 'status', status: device.status.get() })

function brokenStatus(error: unknown): Answer {
  if (error instanceof NewerTables) {
    const { message, waitingCount: pendingCount } = error
    return { kind: 'status', status: { ...startingStatus, kind: 'needs-update', message, pendingCount } }
  }
  const trouble = storageTrouble(error)
  const why = trouble === null ? (error instanceof Error ? error.message : String(error)) : remedies[trouble]
  const message = `The database of this device could not be opened. ${why}`
  return { kind: 'status', status: { ...startingStatus, kind: 'stopped', message, isFull: trouble === 'full' } }
}

function receiptsOf(device: Device): Answer {
  return {
    kind: 'receipts',
    receipts: device.receipts.get().map((one) => ({ ...one, difference: [...one.difference] })),
  }
}
