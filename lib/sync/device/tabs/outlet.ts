/**
 * A tab's way to its device, whichever tab has it: a request goes to the leader of now, and again to the next one until
 * it is answered (TAB-1). This is what the hooks see; screens know nothing of tabs.
 *
 * ```
 *  seeking ──a leader is heard──▶ joined (term 3) ──a later term is heard──▶ joined (term 4) …
 *                                   join, calls, watches, settled             the same again
 *          any of them ──a newer build is heard──▶ outdated: reads on, does nothing new (FM-27)
 * ```
 */
import { v5 } from 'uuid'
import { unreachable } from '../../core/invariant'
import { type DeviceClient, DeviceFailure, type LiveListener, type LiveStatement } from '../client'
import { createReadable } from '../readable'
import { type ReceiptView, type SyncStatus, startingStatus } from '../views'
import { fromWireFailure } from '../wire-failure'
import { digestReport, importReport } from '../worker-protocol'
import { type Calls, createCalls } from './calls'
import { createLink, type LinkEvents, type LinkOptions } from './link'
import { createSettledPromises, type SettledPromises } from './settled'
import type { PageChange, Request } from './words'

export interface TabOptions extends LinkOptions {
  newId(): string
}

export interface Tab extends DeviceClient {
  page(change: PageChange): void
  /** The browser is about to freeze this page, and thawed it. */
  freezing(): void
  thawed(): void
}

/** Every audience once, some with each exchange. */
const verifyMs = 5 * 60_000
/** The first rows of everything; large audiences go on beside it. */
const resyncMs = 10 * 60_000
/** Ten thousand actions run one after another. */
const importMs = 5 * 60_000
/** A namespace of its own: the id of an action that a gesture names. */
const gestures = '1f5f5f9c-5a0e-4a53-9d0a-6b1c8f1e7a11'

export function connectTab(options: TabOptions): Tab {
  const { opening } = options
  const views = createViews()
  const settled = createSettledPromises()
  const watches = createWatches((request) => link.send(request))
  const calls = createCalls({ ...options, send: (request) => link.send(request) })
  const take = createTaking({ views, settled, watches, calls })
  let isVisible = true

  const link = createLink(options, {
    onLeader: () => {
      link.send({ kind: 'join', build: opening.build, isVisible })
      calls.askAgain()
      for (const actionId of settled.expected()) link.send({ kind: 'await', actionId })
      watches.beginAgain()
    },
    onNewerBuild: views.outdate,
    onAnswer: take,
    onEnded: ({ id, name }) => {
      const message = `"${name}" did not come to an end and was stopped. Nothing was recorded.`
      calls.rejectAction(id, new DeviceFailure('timeout', message))
    },
    isWaiting: () => calls.isWaiting(),
  })

  const run = async (name: string, input: unknown, actionId: string) => {
    if (!views.isOutdated()) return calls.begin({ method: 'execute', name, input, actionId })
    throw new DeviceFailure('unavailable', `"${name}" was not run: reload to get the newer app first.`)
  }

  return {
    userId: opening.userId,
    status: views.status,
    receipts: views.receipts,
    execute: (name, input, { gesture } = {}) => {
      const actionId = gesture === undefined ? options.newId() : v5(`${opening.userId} ${name} ${gesture}`, gestures)
      const receipt = settled.of(actionId)
      const call = run(name, input, actionId)
      call.then(
        () => settled.expect(actionId),
        (error: unknown) => settled.reject(actionId, error),
      )
      return Object.assign(call, { settled: receipt })
    },
    watch: watches.begin,
    markSeen: async (actionIds) => {
      await calls.begin({ method: 'markSeen', actionIds: [...actionIds] })
    },
    exportData: async () => String(await calls.begin({ method: 'exportData' })),
    exportPending: async () => String(await calls.begin({ method: 'exportPending' })),
    importPending: async (text) => importReport.parse(await calls.begin({ method: 'importPending', text }, importMs)),
    syncNow: async () => {
      await calls.begin({ method: 'syncNow' })
    },
    verify: async () => digestReport.parse(await calls.begin({ method: 'verify' }, verifyMs)),
    digestReport: async () => digestReport.parse(await calls.begin({ method: 'digestReport' })),
    resync: async () => {
      await calls.begin({ method: 'resync' }, resyncMs)
    },
    discardPending: async () => Number(await calls.begin({ method: 'discardPending' })),
    page: (change) => {
      if (change === 'visible' || change === 'hidden') isVisible = change === 'visible'
      link.send({ kind: 'page', change })
    },
    freezing: link.freezing,
    thawed: link.thawed,
    close: link.close,
  }
}

/** What screens see of the device. Beside a newer build this one reads on, and says that it is old. */
function createViews() {
  const status = createReadable<SyncStatus>(startingStatus)
  const receipts = createReadable<readonly ReceiptView[]>([])
  let isOutdated = false
  const message = 'A newer version of this app is open in another tab. Reload to get it; your work is kept.'
  const show = (next: SyncStatus) => status.set(isOutdated ? { ...next, kind: 'needs-update', message } : next)
  return {
    status,
    receipts,
    show,
    isOutdated: () => isOutdated,
    outdate: () => {
      isOutdated = true
      show(status.get())
    },
  }
}

interface Taking {
  readonly views: ReturnType<typeof createViews>
  readonly settled: SettledPromises
  readonly watches: ReturnType<typeof createWatches>
  readonly calls: Calls
}

function createTaking({ views, settled, watches, calls }: Taking): LinkEvents['onAnswer'] {
  return (answer) => {
    switch (answer.kind) {
      case 'done':
        calls.resolve(answer.id, answer.value)
        break
      case 'failed':
        calls.reject(answer.id, fromWireFailure(answer.failure))
        break
      case 'settled':
        settled.resolve(answer.actionId, answer.receipt)
        break
      case 'not-settled':
        settled.reject(answer.actionId, fromWireFailure(answer.failure))
        break
      case 'rows':
        watches.listener(answer.id)?.onRows(answer.rows)
        break
      case 'watch-failed':
        watches.listener(answer.id)?.onError(fromWireFailure(answer.failure))
        break
      case 'status':
        views.show(answer.status)
        break
      case 'receipts':
        views.receipts.set(answer.receipts)
        break
      default:
        unreachable(answer)
    }
  }
}

function createWatches(send: (request: Request) => void) {
  const watchedById = new Map<number, { readonly statement: LiveStatement; readonly listener: LiveListener }>()
  let lastId = 0
  const ask = (id: number, { sql, params }: LiveStatement) => send({ kind: 'watch', id, sql, params: [...params] })
  return {
    begin: (statement: LiveStatement, listener: LiveListener) => {
      lastId += 1
      const id = lastId
      watchedById.set(id, { statement, listener })
      ask(id, statement)
      return () => {
        watchedById.delete(id)
        send({ kind: 'unwatch', id })
      }
    },
    beginAgain: () => {
      for (const [id, { statement }] of watchedById) ask(id, statement)
    },
    listener: (id: number) => watchedById.get(id)?.listener,
  }
}
