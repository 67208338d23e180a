/**
 * The worker's side: one device, opened when the tab says whose, and everything the tab asks of it (TAB-1).
 *
 * ```
 *   tab ── open ──▶ lock ─▶ database ─▶ device ─▶ live queries
 *       ── calls, watches (wait until it is open) ──▶
 *       ◀── values, rows, status, receipts ──
 * ```
 */
import { unreachable } from '../core/invariant'
import { DeviceFailure, type LiveStatement } from './client'
import type { Device } from './engine'
import type { LiveQueries } from './live'
import { createPolling } from './polling'
import type { SyncStatus } from './views'
import { toWireFailure } from './wire-failure'
import { type Call, type FromWorker, type Opening, type Port, type ToWorker, toWorker } from './worker-protocol'

export interface OpenDevice {
  readonly device: Device
  readonly live: LiveQueries
  /** After this another tab may open the database. */
  release(): void
}

export interface WorkerHostOptions {
  /** `onBusy` is called when another tab has the database; then it resolves when that one has closed it. */
  open(opening: Opening, onBusy: () => void): Promise<OpenDevice>
  schedule(ms: number, work: () => void): () => void
}

type Send = (message: FromWorker) => void

const closedStatus: SyncStatus = {
  kind: 'starting',
  pendingCount: 0,
  lastExchangeAtMs: null,
  loading: null,
  message: null,
  storage: null,
}

export function serveDevice(port: Port, options: WorkerHostOptions): void {
  const send: Send = (message) => port.postMessage(message)
  const opener = createOpener(options, send)
  const watches = createWatches(opener, send)
  const polling = createPolling({
    schedule: options.schedule,
    wake: (isUrgent) => opener.device()?.wake(isUrgent),
    isTailing: () => opener.device()?.isTailing() ?? false,
  })
  const onOpen = () => {
    polling.start()
    opener.device()?.startTail()
  }

  const answer = async (id: number, call: Call) => {
    try {
      const opened = await opener.answering()
      send({ kind: 'done', id, value: await carryOut(opened, call, send) })
      if (call.method === 'close') opened.release()
    } catch (error) {
      send({ kind: 'failed', id, failure: toWireFailure(error) })
    }
  }

  const hear = (message: ToWorker) => {
    switch (message.kind) {
      case 'open':
        opener.open(message.opening, onOpen)
        break
      case 'call':
        void answer(message.id, message.call)
        break
      case 'watch':
        void watches.begin(message.id, { sql: message.sql, params: message.params })
        break
      case 'unwatch':
        watches.end(message.id)
        break
      case 'page':
        if (message.change === 'signed-in') opener.device()?.signedIn()
        else polling.page(message.change)
        break
      default:
        unreachable(message)
    }
  }

  port.addEventListener('message', ({ data }) => hear(toWorker.parse(data)))
}

interface Opener {
  open(opening: Opening, onOpen: () => void): void
  device(): Device | undefined
  /** For calls: while another tab has the database they fail at once. */
  answering(): Promise<OpenDevice>
  /** For watches: they wait until this tab has it. */
  waiting(): Promise<OpenDevice>
}

function createOpener(options: WorkerHostOptions, send: Send): Opener {
  let opened: Promise<OpenDevice> | null = null
  let current: OpenDevice | null = null
  let isBusy = false

  const waiting = async () => {
    if (opened === null) throw new DeviceFailure('unavailable', 'The database of this device is not open yet.')
    return opened
  }

  const begin = async (opening: Opening, onOpen: () => void) => {
    const result = await options.open(opening, () => {
      isBusy = true
      send({ kind: 'status', status: { ...closedStatus, kind: 'busy-elsewhere' } })
    })
    isBusy = false
    current = result
    follow(result.device, send)
    onOpen()
    return result
  }

  return {
    open: (opening, onOpen) => {
      opened ??= begin(opening, onOpen)
      opened.catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error)
        const message = `The database of this device could not be opened. ${why}`
        send({ kind: 'status', status: { ...closedStatus, kind: 'stopped', message } })
      })
    },
    device: () => current?.device,
    answering: async () => {
      if (isBusy) throw new DeviceFailure('unavailable', 'Another tab has the database of this device open.')
      return waiting()
    },
    waiting,
  }
}

function createWatches(opener: Opener, send: Send) {
  const stopById = new Map<number, () => void>()
  return {
    begin: async (id: number, statement: LiveStatement) => {
      stopById.set(id, () => undefined)
      try {
        const { live } = await opener.waiting()
        // Stopped again before the database was open.
        if (!stopById.has(id)) return
        const stop = live.watch(statement, {
          onRows: (rows) => send({ kind: 'rows', id, rows }),
          onError: (error) => send({ kind: 'watch-failed', id, failure: toWireFailure(error) }),
        })
        stopById.set(id, stop)
      } catch (error) {
        send({ kind: 'watch-failed', id, failure: toWireFailure(error) })
      }
    },
    end: (id: number) => {
      stopById.get(id)?.()
      stopById.delete(id)
    },
  }
}

async function carryOut({ device }: OpenDevice, call: Call, send: Send): Promise<unknown> {
  switch (call.method) {
    case 'execute': {
      const { actionId } = call
      const running = device.execute(call.name, call.input, actionId)
      running.settled.then(
        (receipt) => send({ kind: 'settled', actionId, receipt: { ...receipt, difference: [...receipt.difference] } }),
        (error: unknown) => send({ kind: 'not-settled', actionId, failure: toWireFailure(error) }),
      )
      return running
    }
    case 'markSeen':
      return device.markSeen(call.actionIds)
    case 'exportData':
      return device.exportData()
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
    case 'close':
      return device.close()
    default:
      return unreachable(call)
  }
}

/** Tells the tab what screens see, now and whenever it changes. */
function follow(device: Device, send: Send): void {
  const tellStatus = () => send({ kind: 'status', status: device.status.get() })
  const tellReceipts = () => {
    const receipts = device.receipts.get().map((one) => ({ ...one, difference: [...one.difference] }))
    send({ kind: 'receipts', receipts })
  }
  device.status.subscribe(tellStatus)
  device.receipts.subscribe(tellReceipts)
  tellStatus()
  tellReceipts()
}
