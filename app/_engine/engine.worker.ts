/**
 * The worker a device lives in: PGlite and the engine side by side, so that an action is one message (TAB-1). Each tab has
 * one, and one of them leads. This is where engine, transport, tables and actions of the browser are put together;
 * `server/sync.ts` is the other place.
 */
import { v4 } from 'uuid'
import { openBrowserDatabase } from '@/db/browser'
import { migrations, schemaFingerprint } from '@/db/migrations'
import { model } from '@/db/model'
import { standReady } from '@/db/pglite-ahead'
import { compilePglite } from '@/db/pglite-module'
import { actions } from '@/lib/actions'
import { createDevice } from '@/lib/sync/device/engine'
import { hasOurTables, openFitting } from '@/lib/sync/device/fitting-database'
import { createLiveQueries } from '@/lib/sync/device/live'
import type { LedOutbox } from '@/lib/sync/device/outbox'
import { createIndexedDbOutbox } from '@/lib/sync/device/outbox-indexeddb'
import { createMemoryOutbox } from '@/lib/sync/device/outbox-memory'
import { createSeenRows } from '@/lib/sync/device/seen-rows'
import type { StorageFeatures } from '@/lib/sync/device/storage'
import { type Claim, serveTab } from '@/lib/sync/device/tabs/candidate'
import type { OpenDevice } from '@/lib/sync/device/tabs/desk'
import { fencedStore, fencedTransport } from '@/lib/sync/device/tabs/fence'
import type { DeviceTrace } from '@/lib/sync/device/trace'
import type { Opening } from '@/lib/sync/device/worker-protocol'
import { createDeviceStore } from '@/lib/sync/store/device/transaction'
import { createShapeTail } from '@/lib/sync/transport/shape-tail'
import { createTrpcTransport } from '@/lib/sync/transport/trpc'
import { openChannel } from './channel'
import { outboxName, seenName } from './names'
import { schedule } from './schedule'
import { createStorageWatch } from './storage-watch'
import { traceFailures } from './trace-failures'

const locks = 'locks' in navigator ? navigator.locks : null

async function claim(opening: Opening): Promise<Claim> {
  const kept = await openOutbox(opening.userId)
  return { term: kept.term, open: (reign) => open(opening, kept, reign) }
}

interface KeptOutbox {
  readonly outbox: LedOutbox
  readonly term: number
  readonly isKept: boolean
  readonly isNew: boolean
  readonly directory: number
}

/** A browser that keeps nothing (some private modes) still works, until the tab is closed. */
async function openOutbox(userId: string): Promise<KeptOutbox> {
  if (locks !== null && 'indexedDB' in globalThis) {
    try {
      const outbox = createIndexedDbOutbox(outboxName(userId), { onLost: () => candidate.lost() })
      const term = await withinSeconds(40, outbox.lead())
      const { state } = await withinSeconds(40, outbox.load())
      return { outbox, term, isKept: true, isNew: state === null, directory: state?.directory ?? 1 }
    } catch (error) {
      trace({ kind: 'failed', error })
    }
  }
  const term = Date.now()
  const ofOneTab = { lead: async () => term, isLeading: async () => true, tryWrite: async () => undefined }
  return { outbox: { ...createMemoryOutbox(), ...ofOneTab }, term, isKept: false, isNew: true, directory: 1 }
}

/** Some browsers never answer when they keep nothing, or when their files are damaged (FM-16). */
function withinSeconds<Value>(seconds: number, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = schedule(seconds * 1_000, () => reject(new Error('The browser did not open its storage in time.')))
    work.then(resolve, reject).finally(cancel)
  })
}

type Reign = Parameters<Claim['open']>[0]

function featuresOf(isKept: boolean): StorageFeatures {
  return {
    // What PGlite keeps without an outbox beside it could only be half of the truth.
    hasLocks: isKept,
    hasSyncAccessHandles: 'createSyncAccessHandle' in (globalThis.FileSystemFileHandle?.prototype ?? {}),
    hasIndexedDb: 'indexedDB' in globalThis,
  }
}

async function open(
  { userId, build, isDevelopment }: Opening,
  { outbox, isKept, isNew, directory }: KeptOutbox,
  { isStolen, fence }: Reign,
): Promise<OpenDevice> {
  const onFailure = (error: unknown) => trace({ kind: 'failed', error })
  const transport = fencedTransport(
    createTrpcTransport({
      url: new URL('/api/trpc', location.origin).href,
      snapshotUrl: new URL('/api/snapshot', location.origin).href,
      userId,
    }),
    () => outbox.isLeading(),
  )
  const watch = createStorageWatch({ outbox, onFailure, restart: () => candidate.lost() })
  const { state, records } = await outbox.load()
  try {
    const prepared = process.env.NEXT_PUBLIC_PREPARED || null
    const where = { userId, isStolen, features: featuresOf(isKept), prepared }
    const database = await openFitting({
      ...{ directory, migrations },
      waitingCount: records.filter((record) => record.confirmedAtMs === null).length,
      hasOurTables: () =>
        hasOurTables({ transport, schedule, build, schema: schemaFingerprint, clientId: state?.clientId ?? v4() }),
      open: (number) => openBrowserDatabase({ ...where, directory: number, schedule, onFailure, onFull: watch.full }),
    })
    watch.opened(database)
    const device = await createDevice({
      store: fencedStore(createDeviceStore({ store: database.store, model, migrations }), fence),
      outbox,
      transport,
      tail: createShapeTail({
        url: new URL('/api/shapes/log', location.origin).href,
        userId,
        schema: schemaFingerprint,
        newId: v4,
      }),
      actions,
      schema: schemaFingerprint,
      build,
      userId,
      storage: database.storage,
      isNew,
      directory: database.directory,
      isDevelopment,
      now: Date.now,
      newId: v4,
      random: Math.random,
      schedule,
      trace: (event) => {
        trace(event)
        watch.hear(event)
        if (event.kind === 'left' || event.kind === 'reset') forgetSeen(userId)
      },
      flush: () => database.pglite.syncToFs(),
      tryWrite: async () => {
        await outbox.tryWrite()
        await database.expectRoom()
      },
    })
    watch.follow(device)
    return { device, live: createLiveQueries(database.pglite, { schedule, onFailure: device.storageFailed }) }
  } catch (error) {
    watch.notOpened(error)
    throw error
  }
}

/** What pages would show first may be of an audience that is gone, or of another history. */
function forgetSeen(userId: string): void {
  createSeenRows(seenName(userId), Date.now)
    .clear()
    .catch((error: unknown) => trace({ kind: 'failed', error }))
}

function trace(event: DeviceTrace): void {
  if (event.kind === 'began') candidate.running({ id: event.actionId, name: event.name })
  if (event.kind === 'ran') candidate.running(null)
  traceFailures(event)
}

const candidate = serveTab(globalThis as unknown as DedicatedWorkerGlobalScope, {
  locks,
  openChannel,
  schedule,
  now: Date.now,
  claim,
  onFailure: (error) => trace({ kind: 'failed', error }),
})

// Every tab may have to lead: what of it needs no files is done before.
const onAheadFailed = (error: unknown) => trace({ kind: 'failed', error })
void compilePglite(onAheadFailed)
if (locks !== null && featuresOf(true).hasSyncAccessHandles) standReady(locks, onAheadFailed)
