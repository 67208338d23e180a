/**
 * A device: one user's database in one place, with everything that is done on it and everything it hears from the
 * server. Put together from its parts here; clock, ids, chance and timers are given (HOUSE §3).
 *
 * ```
 *  execute ─▶ PGlite + outbox ─▶ push loop ─▶ transport ─▶ server
 *                 ▲                                           │
 *                 └────────── receive, rebase, settle ◀───────┘
 * ```
 */
import type { AnyAction } from '../action'
import { outboxRetentionMs } from '../core/horizon'
import type { DeviceStore } from '../store/device/transaction'
import { createRegistry } from '../store/resolve-action'
import type { DeviceClient } from './client'
import type { DeviceContext } from './context'
import { compareAll, digestReport } from './digests'
import { exchange, noteFailure } from './exchange'
import { execute, recall, withdraw, withdrawUnwritten } from './execute'
import { exportData } from './export-data'
import { exportPending, importPending } from './import-pending'
import { createLoading, type Loading } from './loading'
import { type Asked, createOnce } from './once'
import type { Outbox } from './outbox'
import { createPushRunner, type PushRunner } from './push-runner'
import { receiveTail } from './receive'
import { readIdentity, recover, resync } from './recover'
import { createScreen, type Screen } from './screen'
import { noteSettled } from './settled'
import { createSettlements, type Settlements } from './settlements'
import { createSpace } from './storage-space'
import { createTail, gatedTail, noTail, type Tail } from './tail'
import type { TailSource } from './tail-source'
import type { DeviceTrace } from './trace'
import type { Transport } from './transport'
import type { SettledReceipt, SyncStatus } from './views'

export interface DeviceOptions {
  readonly store: DeviceStore
  readonly outbox: Outbox
  readonly transport: Transport
  /** Null: this device hears of changes by exchanging only. */
  readonly tail?: TailSource | null
  readonly actions: readonly AnyAction[]
  /** Fingerprint of the schema, for the server. */
  readonly schema: string
  readonly build: string
  readonly userId: string
  readonly storage: SyncStatus['storage']
  /** Nothing was kept here before. */
  readonly isNew?: boolean
  /** Which data directory is in use; remembered in the outbox. */
  readonly directory?: number
  readonly isDevelopment: boolean
  now(): number
  newId(): string
  random(): number
  /** Runs `work` after so many milliseconds; returns how to call it off. */
  schedule(ms: number, work: () => void): () => void
  trace?(event: DeviceTrace): void
  /** Makes the database's files durable, as far as it can. */
  flush?(): Promise<void>
  /** Writes something small where the outbox is, and takes it back: rejects when there is no room (FM-10). */
  tryWrite?(): Promise<void>
  /** Of one exchange. */
  readonly deadlineMs?: number
  /** Of confirmed actions in the outbox; not longer than the late window of the server (OUT-1). */
  readonly retentionMs?: number
}

/** The device without live queries: those need the database itself and are added by the worker. */
export interface Device extends Omit<DeviceClient, 'watch' | 'execute'> {
  /** `actionId` names the execution, so that a repeated request runs once. */
  execute(name: string, input: unknown, actionId?: string): ReturnType<DeviceClient['execute']>
  /** The receipt of an action that was executed before, by whoever led then. */
  settled(actionId: string): Promise<SettledReceipt>
  /** What an action answered that was executed before. Does nothing new: throws when it is not known here. */
  recall(name: string, input: unknown, actionId: string): Promise<unknown>
  /** Exchange soon. Urgent: a person asked, or the network came back, and no back-off holds it. */
  wake(isUrgent: boolean): void
  /** There is a session again. */
  signedIn(): void
  /** Hear of changes as they happen, as long as this is the place where the server is heard (SHP-4). */
  startTail(): void
  stopTail(): void
  /** They are heard of now: asking for them may be rare. */
  isTailing(): boolean
  /** Something failed beside the engine: writing files, reading for a screen. */
  storageFailed(error: unknown): void
  /** Resolves when no exchange is in flight and screens see the result. */
  resting(): Promise<void>
}

/** Opens the device. Nothing is exchanged before the first `wake`. */
export async function createDevice(options: DeviceOptions): Promise<Device> {
  const { store, outbox } = options
  const { isLayerGone } = await store.prepare()
  const trace = options.trace ?? (() => undefined)
  const space = createSpaceOf(options, () => context)
  const context: DeviceContext = {
    store,
    outbox,
    registry: createRegistry(options.actions),
    userId: options.userId,
    isDevelopment: options.isDevelopment,
    now: () => options.now(),
    newId: () => options.newId(),
    trace,
    flush: async () => options.flush?.(),
    identity: await readIdentity(store, outbox, { newClientId: options.newId(), directory: options.directory ?? 1 }),
    unwritten: new Set(),
    unwithdrawn: new Set(),
    space: space.space,
    beginnings: 0,
    isOutdated: false,
    digestsLeft: null,
    retention: { ms: options.retentionMs ?? outboxRetentionMs, endedAtMs: null },
  }
  const rerun = await recover(context, isLayerGone)
  const { device, onSpace } = assemble(context, options)
  space.follow(onSpace)
  await device.refresh()
  trace({
    kind: 'started',
    clientId: context.identity.clientId,
    pending: device.status.get().pendingCount,
    rerun,
  })
  return device
}

/** Tells of its changes whoever follows it: the device is put together around it. */
function createSpaceOf(options: DeviceOptions, context: () => DeviceContext) {
  let follower = (_isFull: boolean): void => undefined
  const space = createSpace({
    tryWrite: options.tryWrite ?? (() => options.outbox.rewrite({ state: context().identity })),
    schedule: (ms, work) => options.schedule(ms, work),
    now: () => options.now(),
    onChange: (isFull) => {
      context().trace({ kind: 'space', isFull })
      follower(isFull)
    },
    onDamaged: (error) => context().trace({ kind: 'damaged', error }),
  })
  return {
    space,
    follow: (onSpace: typeof follower) => {
      follower = onSpace
    },
  }
}

/** What runs beside what people do: exchanges, loading, the tail, and what screens are told of them. */
function createRunning(context: DeviceContext, options: DeviceOptions) {
  const settlements = createSettlements(context)
  const screen = createScreen(context, options)
  const wantExchange = () => runner.want(false)
  const loading = createLoadingOf(context, options, { settlements, screen, wantExchange })
  const runner = createRunner(context, options, { settlements, screen, loading })
  screen.follow(runner, loading)
  const tail = gatedTail(createTailOf(context, options, { settlements, screen, runner }), context.space.isFull)
  const resting = async () => {
    await tail.resting()
    await runner.resting()
    await loading.resting()
    // What was loaded is followed by an exchange.
    await runner.resting()
  }
  const exchangeNow = async () => {
    loading.hurry()
    runner.want(true)
    await resting()
  }
  /** On a full disk nothing more is loaded; what waits is sent all the same. When there is room again, all goes on. */
  const onSpace = (isFull: boolean) => {
    screen.restate()
    tail.gate(!isFull)
    if (isFull) return
    withdrawUnwritten(context).then(screen.refresh).catch(context.space.heard)
    loading.hurry()
    runner.want(true)
  }
  return { settlements, screen, loading, runner, tail, resting, exchangeNow, wantExchange, onSpace }
}

function assemble(context: DeviceContext, options: DeviceOptions) {
  const { store } = context
  const running = createRunning(context, options)
  const { settlements, screen, loading, runner, tail, resting, exchangeNow, wantExchange, onSpace } = running
  const onDone = () => {
    screen.acted()
    wantExchange()
  }
  const device = {
    userId: context.userId,
    status: screen.status,
    receipts: screen.receipts,
    refresh: screen.refresh,
    ...createActing(context, settlements, onDone),
    markSeen: async (actionIds: readonly string[]) => {
      await store.transaction((tx) => tx.receipts.markSeen(actionIds))
      await screen.refresh()
    },
    exportData: () => store.transaction((tx) => exportData(tx)),
    exportPending: () => exportPending(context),
    importPending: async (text: string) => {
      const report = await importPending(context, text)
      await screen.refresh()
      wantExchange()
      return report
    },
    syncNow: exchangeNow,
    discardPending: () => discard(context, { settlements, screen }),
    digestReport: () => digestReport(context),
    verify: () => compareAll(context, exchangeNow),
    resync: () => resync(context, exchangeNow, screen),
    wake: (isUrgent: boolean) => {
      if (isUrgent) {
        loading.hurry()
        tail.hurry()
      }
      runner.want(isUrgent)
    },
    signedIn: () => {
      runner.signedIn()
      tail.signedIn()
    },
    startTail: tail.start,
    stopTail: tail.stop,
    isTailing: tail.isLive,
    storageFailed: context.space.heard,
    resting: async () => {
      await resting()
      await screen.refresh()
    },
    close: async () => {
      context.space.close()
      await tail.close()
      await loading.close()
      await runner.close()
      await context.outbox.close()
      await store.close()
    },
  } satisfies Device & { refresh(): Promise<void> }
  return { device, onSpace }
}

/** Executing actions, and answering for those that were executed before, by whoever led then. */
function createActing(context: DeviceContext, settlements: Settlements, onDone: () => void) {
  const once = createOnce()
  return {
    execute: (name: string, input: unknown, actionId = context.newId()) => {
      const settled = settlements.of(actionId)
      const asked = { name, input, actionId }
      const run = once(asked, () => carryOut(context, asked, { settlements, onDone }))
      return Object.assign(run, { settled })
    },
    settled: async (actionId: string) => {
      const settled = settlements.of(actionId)
      await settlements.ask(actionId)
      return settled
    },
    recall: (name: string, input: unknown, actionId: string) => recall(context, name, { input, id: actionId }),
  }
}

interface Carrying {
  readonly settlements: Settlements
  onDone(): void
}

async function carryOut(context: DeviceContext, asked: Asked, { settlements, onDone }: Carrying): Promise<unknown> {
  const { name, input, actionId } = asked
  try {
    const { value, isRepeated } = await execute(context, name, { input, id: actionId })
    if (isRepeated) await settlements.ask(actionId)
    onDone()
    return value
  } catch (error) {
    settlements.fail([actionId], error)
    throw error
  }
}

/**
 * What the server does not know yet is thrown away: first in the outbox, which remembers that it was meant so, because what
 * only the database has is taken for work on start (DEV-1, EXE-1).
 */
async function discard(context: DeviceContext, { settlements, screen }: Omit<Parts, 'loading'>): Promise<number> {
  const rows = await context.store.transaction((tx) => tx.pending.readPending())
  const ids = rows.filter((row) => row.place === 'layer' && !row.wasConfirmed).map((row) => row.id)
  if (ids.length === 0) return 0
  context.identity = { ...context.identity, discarded: ids }
  await context.outbox.rewrite({ ids, change: () => null, state: context.identity })
  await withdraw(context, ids)
  settlements.fail(ids, new Error('The action was discarded before the server knew it.'))
  await screen.refresh()
  return ids.length
}

interface HearingParts extends Pick<Parts, 'settlements' | 'screen'> {
  wantExchange(): void
}

function createLoadingOf(context: DeviceContext, options: DeviceOptions, parts: HearingParts): Loading {
  const { settlements, screen, wantExchange } = parts
  return createLoading(context, {
    transport: options.transport,
    schema: options.schema,
    random: () => options.random(),
    schedule: (ms, work) => options.schedule(ms, work),
    onSettled: settlements.settle,
    onProgress: () => screen.restate(),
    onDone: wantExchange,
  })
}

interface TailParts extends Pick<Parts, 'settlements' | 'screen'> {
  readonly runner: PushRunner
}

function createTailOf(context: DeviceContext, options: DeviceOptions, parts: TailParts): Tail {
  const { settlements, screen, runner } = parts
  if (!options.tail) return noTail
  return createTail({
    source: options.tail,
    wantExchange: () => runner.want(false),
    onBroken: runner.broke,
    takeIn: async (entries) => {
      const received = await receiveTail(context, entries)
      if (received.kind !== 'received') return false
      await noteSettled(context, received, settlements.settle)
      await screen.refresh()
      return true
    },
    onFailure: context.space.heard,
    random: () => options.random(),
    schedule: (ms, work) => options.schedule(ms, work),
    trace: context.trace,
  })
}

interface Parts {
  readonly settlements: Settlements
  readonly screen: Screen
  readonly loading: Loading
}

function createRunner(
  context: DeviceContext,
  options: DeviceOptions,
  { settlements, screen, loading }: Parts,
): PushRunner {
  const exchanging = {
    transport: options.transport,
    build: options.build,
    schema: options.schema,
    deadline: () => {
      const controller = new AbortController()
      const end = options.schedule(options.deadlineMs ?? 45_000, () => controller.abort())
      return { signal: controller.signal, end }
    },
    onSettled: settlements.settle,
    onLarge: (audiences: readonly string[]) => loading.want(audiences),
  }
  return createPushRunner({
    exchange: async (pace) => {
      const event = await exchange(context, exchanging, pace)
      await screen.refresh()
      return event
    },
    noteFailure: (id, isHeld) => noteFailure(context, id, isHeld),
    random: () => options.random(),
    schedule: (ms, work) => options.schedule(ms, work),
    onState: (state) => {
      context.trace({ kind: 'push-state', state })
      screen.restate()
    },
    onFailure: (error) => {
      context.trace({ kind: 'failed', error })
      screen.failed(error)
      return context.space.heard(error) ? 'storage' : null
    },
  })
}
