/**
 * Loads audiences that are too large for an answer (SNAP-1), one after another, beside the exchanges: work goes on, and
 * so does sending it.
 *
 * ```
 *  named by an answer ─▶ ask ─▶ head ─▶ rows onto the stage, piece by piece ─▶ end ─▶ one transaction swaps them in
 *                         ▲                │ broken, cut off, no network                └▶ exchange: what came since
 *                         └─── after a pause ┘
 * ```
 *
 * What is on the screen stays until the swap. A snapshot that breaks off is begun again as a whole: rows of two reads do
 * not fit together; audiences that are loaded stay so.
 */
import { limits, protocolVersion, type SnapshotHead, type SnapshotRequest } from '../core/protocol'
import { SnapshotBroken, SnapshotReader } from '../core/snapshot-stream'
import type { DeviceContext } from './context'
import { receiveStaged } from './receive'
import { reset } from './recover'
import { noteSettled } from './settled'
import type { Transport } from './transport'

export interface LoadingOptions {
  readonly transport: Transport
  readonly schema: string
  readonly random: () => number
  schedule(ms: number, work: () => void): () => void
  onSettled(ids: readonly string[]): Promise<void>
  /** Something changed: how far it is, or what screens see. */
  onProgress(): void
  /** An audience is loaded, or there is another reason to exchange now. */
  onDone(): void
}

/** Rows of all audiences that are being loaded, as far as their sizes are known. */
export interface LoadingProgress {
  readonly rows: number
  readonly ofRows: number
}

export interface Loading {
  /** Audiences the last answer named. What is not named any more is not loaded any more. */
  want(audiences: readonly string[]): void
  /** A person asked, or the network came back: no pause. */
  hurry(): void
  /** Null when nothing is being loaded. */
  progress(): LoadingProgress | null
  /** Resolves when nothing is being loaded, or a pause has begun. */
  resting(): Promise<void>
  close(): Promise<void>
}

const pauseMs = { first: 1_000, max: 60_000 }
/** Of no text at all, not of the whole stream. */
const silenceMs = 45_000

export function createLoading(context: DeviceContext, options: LoadingOptions): Loading {
  let wanted: readonly string[] = []
  let current: LoadingProgress | null = null
  let running: Promise<void> | null = null
  let failures = 0
  let cancelPause = (): void => undefined
  let controller = new AbortController()
  let isClosed = false

  const begin = () => {
    cancelPause()
    if (isClosed || running !== null || wanted[0] === undefined || context.space.isFull()) return
    controller = new AbortController()
    running = load(wanted[0]).finally(() => {
      running = null
      if (failures === 0) begin()
    })
  }

  const load = async (audience: string) => {
    try {
      const outcome = await loadAudience(context, options, { audience, signal: controller.signal, onRows: show })
      failures = 0
      wanted = outcome === 'loaded' ? wanted.filter((name) => name !== audience) : []
      options.onDone()
    } catch (error) {
      failures += 1
      context.space.heard(error)
      context.trace({ kind: 'load-failed', error })
      const bound = Math.min(pauseMs.max, pauseMs.first * 2 ** Math.min(failures, 10))
      cancelPause = options.schedule(bound * (0.5 + options.random() / 2), begin)
    } finally {
      show(null)
    }
  }

  const show = (progress: LoadingProgress | null) => {
    current = progress
    options.onProgress()
  }

  return {
    want: (audiences) => {
      wanted = audiences
      if (running === null && failures === 0) begin()
    },
    hurry: () => {
      failures = 0
      begin()
    },
    progress: () => current,
    resting: async () => {
      while (running !== null) await running
    },
    close: async () => {
      isClosed = true
      cancelPause()
      controller.abort()
      await running
    },
  }
}

interface Load {
  readonly audience: string
  readonly signal: AbortSignal
  onRows(progress: LoadingProgress): void
}

/** `elsewhere`: the answer speaks of something that is over; the next exchange says what is to be done. Rejects when it broke off. */
async function loadAudience(
  context: DeviceContext,
  options: LoadingOptions,
  { audience, signal, onRows }: Load,
): Promise<'loaded' | 'elsewhere'> {
  const { beginnings } = context
  const request = await buildRequest(context, options.schema, audience)
  const alarm = alarmed(options, signal)
  const outcome = await options.transport.snapshot(request, { signal: alarm.signal })
  if (outcome.kind === 'not-held') return 'elsewhere'
  if (outcome.kind !== 'stream') throw new SnapshotBroken(`The snapshot was not answered: ${outcome.kind}.`)
  const head = await stage(context, outcome.text, { audience, onRows, onText: alarm.postpone }).finally(alarm.end)
  const received = await receiveStaged(context, head, () => context.beginnings === beginnings)
  if (received.kind === 'received') await noteSettled(context, received, options.onSettled)
  if (received.kind === 'other-history') context.trace({ kind: 'reset', offered: await reset(context) })
  await context.store.transaction((tx) => tx.stage.clear())
  return received.kind === 'received' ? 'loaded' : 'elsewhere'
}

interface Staging extends Pick<Load, 'audience' | 'onRows'> {
  onText(): void
}

/** Brings the rows onto the stage as they come. Throws SnapshotBroken when they are not whole. */
async function stage(
  context: DeviceContext,
  pieces: AsyncIterable<string>,
  { audience, onRows, onText }: Staging,
): Promise<SnapshotHead> {
  const reader = new SnapshotReader()
  let head: SnapshotHead | null = null
  let rows = 0
  for await (const piece of pieces) {
    onText()
    for (const part of reader.push(piece)) {
      if (part.kind === 'head') {
        head = part.head
        if (head.audience !== audience) throw new SnapshotBroken('The snapshot is of another audience.')
        await context.store.transaction((tx) => tx.stage.open())
      } else if (part.kind === 'rows') {
        await context.store.transaction((tx) => tx.stage.add(part.table, part.text))
        rows += part.count
      }
    }
    if (head) onRows({ rows, ofRows: head.rowCount })
  }
  reader.finish()
  if (head === null) throw new SnapshotBroken('The snapshot was empty.')
  return head
}

function buildRequest(context: DeviceContext, schema: string, audience: string): Promise<SnapshotRequest> {
  return context.store.transaction(async (tx) => ({
    ...{ protocol: protocolVersion, schema, audience },
    clientId: context.identity.clientId,
    pendingIds: (await tx.pending.readPending()).slice(0, limits.pendingIdsMax).map((row) => row.id),
    lastOrdinal: context.identity.lastOrdinal,
  }))
}

/** Aborts with `signal`, and when nothing was heard for too long: no await without a deadline (TAB-1). */
function alarmed({ schedule }: LoadingOptions, signal: AbortSignal) {
  const controller = new AbortController()
  const abort = () => controller.abort()
  let cancel = schedule(silenceMs, abort)
  signal.addEventListener('abort', abort)
  return {
    signal: controller.signal,
    postpone: () => {
      cancel()
      cancel = schedule(silenceMs, abort)
    },
    end: () => {
      cancel()
      signal.removeEventListener('abort', abort)
    },
  }
}
