/**
 * The worker a device lives in: PGlite and the engine side by side, so that an action is one message (TAB-1). This is
 * where engine, transport, tables and actions of the browser are put together; `server/sync.ts` is the other place.
 */
import { v4 } from 'uuid'
import { openBrowserDatabase } from '@/db/browser'
import { migrations, schemaFingerprint } from '@/db/migrations'
import { model } from '@/db/model'
import { actions } from '@/lib/actions'
import { createDevice } from '@/lib/sync/device/engine'
import { createLiveQueries } from '@/lib/sync/device/live'
import { takeLock } from '@/lib/sync/device/lock'
import type { Outbox } from '@/lib/sync/device/outbox'
import { createIndexedDbOutbox } from '@/lib/sync/device/outbox-indexeddb'
import { createMemoryOutbox } from '@/lib/sync/device/outbox-memory'
import type { DeviceTrace } from '@/lib/sync/device/trace'
import { type OpenDevice, serveDevice } from '@/lib/sync/device/worker-host'
import type { Opening } from '@/lib/sync/device/worker-protocol'
import { createDeviceStore } from '@/lib/sync/store/device/transaction'
import { createShapeTail } from '@/lib/sync/transport/shape-tail'
import { createTrpcTransport } from '@/lib/sync/transport/trpc'
import { schedule } from './schedule'
import { traceFailures } from './trace-failures'

const hasLocks = 'locks' in navigator

async function open(opening: Opening, onBusy: () => void): Promise<OpenDevice> {
  const { userId, build, isDevelopment } = opening
  const release = hasLocks ? await takeLock(navigator.locks, `beamline:${userId}`, onBusy) : () => undefined
  try {
    const { outbox, isKept, directory } = await openOutbox(userId)
    const features = {
      // What PGlite keeps without an outbox beside it could only be half of the truth.
      hasLocks: hasLocks && isKept,
      hasSyncAccessHandles: 'createSyncAccessHandle' in (globalThis.FileSystemFileHandle?.prototype ?? {}),
      hasIndexedDb: 'indexedDB' in globalThis,
    }
    const onFailure = (error: unknown) => trace({ kind: 'failed', error })
    const database = await openBrowserDatabase({ userId, directory, features, onFailure })
    const device = await createDevice({
      store: createDeviceStore({ store: database.store, model, migrations }),
      outbox,
      transport: createTrpcTransport({
        url: new URL('/api/trpc', location.origin).href,
        snapshotUrl: new URL('/api/snapshot', location.origin).href,
        userId,
      }),
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
      directory: database.directory,
      isDevelopment,
      now: Date.now,
      newId: v4,
      random: Math.random,
      schedule,
      trace,
      flush: () => database.pglite.syncToFs(),
    })
    return { device, live: createLiveQueries(database.pglite, { schedule }), release }
  } catch (error) {
    release()
    throw error
  }
}

/** A browser that keeps nothing (some private modes) still works, until the tab is closed. */
async function openOutbox(userId: string): Promise<{ outbox: Outbox; isKept: boolean; directory: number }> {
  if (hasLocks && 'indexedDB' in globalThis) {
    try {
      const outbox = createIndexedDbOutbox(`beamline-outbox-${userId}`)
      const { state } = await outbox.load()
      return { outbox, isKept: true, directory: state?.directory ?? 1 }
    } catch (error) {
      trace({ kind: 'failed', error })
    }
  }
  return { outbox: createMemoryOutbox(), isKept: false, directory: 1 }
}

function trace(event: DeviceTrace): void {
  traceFailures(event)
}

serveDevice(globalThis as unknown as DedicatedWorkerGlobalScope, { open, schedule })
