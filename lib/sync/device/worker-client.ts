/** The tab's side: a device that lives in a worker, as the hooks see it. No await without a deadline (TAB-1). */
import { v4 } from 'uuid'
import { unreachable } from '../core/invariant'
import { type DeviceClient, DeviceFailure, type LiveListener } from './client'
import { createReadable } from './readable'
import type { ReceiptView, SettledReceipt, SyncStatus } from './views'
import { fromWireFailure } from './wire-failure'
import {
  type Call,
  digestReport,
  type FromWorker,
  fromWorker,
  type Opening,
  type Port,
  type ToWorker,
} from './worker-protocol'

export interface WorkerClientOptions {
  readonly port: Port
  readonly opening: Opening
  schedule(ms: number, work: () => void): () => void
  /** After `close`: ends the worker. */
  onClosed(): void
}

/** What a page tells its device about itself. */
export type PageChange = Extract<ToWorker, { kind: 'page' }>['change']

export interface WorkerClient extends DeviceClient {
  page(change: PageChange): void
}

/** Opening a database for the first time takes seconds, and what is called meanwhile waits for it. */
const callMs = 60_000
/** Every audience once, some with each exchange. */
const verifyMs = 5 * 60_000
/** The first rows of everything; large audiences go on beside it. */
const resyncMs = 10 * 60_000
const closeMs = 3_000

const starting: SyncStatus = {
  kind: 'starting',
  pendingCount: 0,
  lastExchangeAtMs: null,
  loading: null,
  message: null,
  storage: null,
}

export function connectDevice(options: WorkerClientOptions): WorkerClient {
  const { port, opening } = options
  const status = createReadable<SyncStatus>(starting)
  const receipts = createReadable<readonly ReceiptView[]>([])
  const calls = createPromises<number, unknown>()
  const settlements = createPromises<string, SettledReceipt>()
  const listeners = new Map<number, LiveListener>()
  const nextId = createCounter()
  const send = (message: ToWorker) => port.postMessage(message)
  const call = createCall({ ...options, calls, nextId, send })

  port.addEventListener('message', ({ data }) => {
    hear(fromWorker.parse(data), { status, receipts, calls, settlements, listeners })
  })
  send({ kind: 'open', opening })

  return {
    userId: opening.userId,
    status,
    receipts,
    execute: (name, input) => {
      const actionId = v4()
      const settled = settlements.make(actionId)
      // Nobody has to look at it: the call itself carries its own failure.
      settled.catch(() => undefined)
      const run = call({ method: 'execute', name, input, actionId })
      run.catch((error: unknown) => settlements.reject(actionId, error))
      return Object.assign(run, { settled })
    },
    watch: ({ sql, params }, listener) => {
      const id = nextId()
      listeners.set(id, listener)
      send({ kind: 'watch', id, sql, params: [...params] })
      return () => {
        listeners.delete(id)
        send({ kind: 'unwatch', id })
      }
    },
    markSeen: async (actionIds) => {
      await call({ method: 'markSeen', actionIds: [...actionIds] })
    },
    exportData: async () => String(await call({ method: 'exportData' })),
    syncNow: async () => {
      await call({ method: 'syncNow' })
    },
    verify: async () => digestReport.parse(await call({ method: 'verify' }, verifyMs)),
    digestReport: async () => digestReport.parse(await call({ method: 'digestReport' })),
    resync: async () => {
      await call({ method: 'resync' }, resyncMs)
    },
    discardPending: async () => Number(await call({ method: 'discardPending' })),
    page: (change) => send({ kind: 'page', change }),
    close: async () => {
      // A worker that does not answer any more is ended all the same.
      await call({ method: 'close' }, closeMs).catch(() => undefined)
      options.onClosed()
    },
  }
}

interface Hearing {
  readonly status: ReturnType<typeof createReadable<SyncStatus>>
  readonly receipts: ReturnType<typeof createReadable<readonly ReceiptView[]>>
  readonly calls: Promises<number, unknown>
  readonly settlements: Promises<string, SettledReceipt>
  readonly listeners: ReadonlyMap<number, LiveListener>
}

function hear(message: FromWorker, { status, receipts, calls, settlements, listeners }: Hearing): void {
  switch (message.kind) {
    case 'done':
      calls.resolve(message.id, message.value)
      break
    case 'failed':
      calls.reject(message.id, fromWireFailure(message.failure))
      break
    case 'settled':
      settlements.resolve(message.actionId, message.receipt)
      break
    case 'not-settled':
      settlements.reject(message.actionId, fromWireFailure(message.failure))
      break
    case 'rows':
      listeners.get(message.id)?.onRows(message.rows)
      break
    case 'watch-failed':
      listeners.get(message.id)?.onError(fromWireFailure(message.failure))
      break
    case 'status':
      status.set(message.status)
      break
    case 'receipts':
      receipts.set(message.receipts)
      break
    default:
      unreachable(message)
  }
}

interface Calling extends WorkerClientOptions {
  readonly calls: Promises<number, unknown>
  nextId(): number
  send(message: ToWorker): void
}

function createCall({ calls, nextId, send, schedule }: Calling) {
  return async (asked: Call, deadlineMs = callMs): Promise<unknown> => {
    const id = nextId()
    const answer = calls.make(id)
    const cancel = schedule(deadlineMs, () => {
      calls.reject(id, new DeviceFailure('timeout', 'The database of this device did not answer in time.'))
    })
    send({ kind: 'call', id, call: asked })
    try {
      return await answer
    } finally {
      cancel()
    }
  }
}

/** Promises by key, settled once from outside; an answer to nobody is dropped. */
interface Promises<Key, Value> {
  make(key: Key): Promise<Value>
  resolve(key: Key, value: Value): void
  reject(key: Key, error: unknown): void
}

function createPromises<Key, Value>(): Promises<Key, Value> {
  const waiting = new Map<Key, { resolve(value: Value): void; reject(error: unknown): void }>()
  const take = (key: Key) => {
    const found = waiting.get(key)
    waiting.delete(key)
    return found
  }
  return {
    make: (key) =>
      new Promise<Value>((resolve, reject) => {
        waiting.set(key, { resolve, reject })
      }),
    resolve: (key, value) => take(key)?.resolve(value),
    reject: (key, error) => take(key)?.reject(error),
  }
}

function createCounter(): () => number {
  let last = 0
  return () => {
    last += 1
    return last
  }
}
