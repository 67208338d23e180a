/**
 * What screens see besides rows: the status and the receipts, read again after something changed. Reads share one
 * transaction, and calls that come meanwhile share the next one.
 */

import type { Readable } from './client'
import type { DeviceContext } from './context'
import type { DeviceOptions } from './engine'
import type { Loading } from './loading'
import type { PushRunner } from './push-runner'
import { createReadable } from './readable'
import { type Overview, readOverview } from './receipt-views'
import { statusOf } from './status'
import type { ReceiptView, SyncStatus } from './views'

export interface Screen {
  readonly status: Readable<SyncStatus>
  readonly receipts: Readable<readonly ReceiptView[]>
  follow(runner: PushRunner, loading: Loading): void
  /** Reads again what screens see. Calls that come meanwhile share the next reading. */
  refresh(): Promise<void>
  /** An action was recorded. It counts as waiting at once; its receipt is read a moment later, once for a burst. */
  acted(): void
  /** The push loop moved, the database did not. */
  restate(): void
  failed(error: unknown): void
}

const refreshMs = 50

type ScreenOptions = Pick<DeviceOptions, 'storage' | 'schedule' | 'isNew'>

export function createScreen(context: DeviceContext, { storage, schedule, isNew = false }: ScreenOptions): Screen {
  const receipts = createReadable<readonly ReceiptView[]>([])
  let overview: Overview = { receipts: [], waitingCount: 0 }
  let lastExchangeAtMs: number | null = null
  let failure: string | null = null
  let runner: PushRunner | null = null
  let loading: Loading | null = null
  let isSoon = false
  /** Actions recorded, and how many of them the last reading is sure to have seen. */
  let actedCount = 0
  let readCount = 0

  const current = () =>
    statusOf({
      isOutdated: context.isOutdated,
      push: runner?.state() ?? { kind: 'idle', pace: { kind: 'full' } },
      waitingCount: Math.max(overview.waitingCount, actedCount > readCount ? 1 : 0),
      lastExchangeAtMs,
      isLoading: lastExchangeAtMs === null,
      loading: loading?.progress() ?? null,
      failure,
      storage,
      isFull: context.space.isFull(),
      begunAs: isNew ? context.identity.clientId : null,
    })
  const status = createReadable<SyncStatus>(current())

  const failed = (error: unknown) => {
    failure = error instanceof Error ? error.message : String(error)
  }

  const read = async () => {
    const { next, meta, seenCount } = await context.store.transaction(async (tx) => ({
      seenCount: actedCount,
      next: await readOverview(tx),
      meta: await tx.meta.readMeta(),
    }))
    overview = next
    readCount = seenCount
    lastExchangeAtMs = meta.lastExchangeAtMs
    receipts.set(next.receipts)
    status.set(current())
  }

  const refresh = shared(read)

  return {
    status,
    receipts,
    follow: (followed, beside) => {
      runner = followed
      loading = beside
    },
    refresh,
    acted: () => {
      actedCount += 1
      status.set(current())
      if (isSoon) return
      isSoon = true
      schedule(refreshMs, () => {
        isSoon = false
        refresh().catch(failed)
      })
    },
    restate: () => status.set(current()),
    failed,
  }
}

/** One at a time; whoever asks meanwhile gets the next one, because what is being read now may have been read too early. */
function shared(read: () => Promise<void>): () => Promise<void> {
  let reading: Promise<void> | null = null
  let queued: Promise<void> | null = null
  const next = (): Promise<void> => {
    if (reading === null) {
      reading = read().finally(() => {
        reading = null
      })
      return reading
    }
    queued ??= reading.then(() => {
      queued = null
      return next()
    })
    return queued
  }
  return next
}
