/**
 * The live tail over HTTP, on the client library of Electric (SHP-4): rows are gathered until the server says that this
 * is all there is, because only there an ingest is whole.
 *
 * The library tries again without end and without a word when the network or the server fails; what it fetches with is
 * ours, so we hear of it. It knows one way to start over, from the beginning of the log: there we end the stream, and the
 * next one begins at now.
 */
import { isChangeMessage, isControlMessage, type Message, ShapeStream } from '@electric-sql/client'
import type { LogEntry } from '../core/protocol'
import { entryOfRow } from '../core/shape-row'
import type { TailListener, TailSource, TailStream } from '../device/tail-source'
import { refusalOf } from './refusal'

export interface ShapeTailOptions {
  /** Where the shape of the log answers, with its origin. */
  readonly url: string
  /** Whose device this is: a session of somebody else is refused (DEV-1). */
  readonly userId: string
  /** What the rows must fit. */
  readonly schema: string
  newId(): string
  readonly fetch?: typeof fetch
}

/** More entries than this without a safe point: an exchange brings them in pages. */
const gatheredMax = 5_000

export function createShapeTail(options: ShapeTailOptions): TailSource {
  return { open: (listener) => open(options, listener) }
}

function open({ url, userId, schema, newId, fetch: ask = fetch }: ShapeTailOptions, told: TailListener): TailStream {
  const controller = new AbortController()
  const { signal } = controller
  const close = () => controller.abort()
  const listener = whileOpen(told, signal, close)
  const gathered = createGathered()

  const hear = async (messages: readonly Message[]) => {
    for (const message of messages) {
      if (isChangeMessage(message)) {
        // Pruning deletes rows of the log; nothing changes for those who have read them.
        if (message.headers.operation === 'insert') gathered.add(message.value)
      } else if (isControlMessage(message)) {
        if (message.headers.control === 'must-refetch') return listener.onEnded(null)
        if (message.headers.control === 'up-to-date') await listener.onUpToDate(gathered.take())
      }
    }
    if (gathered.count() > gatheredMax) listener.onEnded(null)
  }

  const stream = new ShapeStream({
    ...{ url, signal, offset: 'now' },
    headers: { 'x-beamline-user': encodeURIComponent(userId), 'x-beamline-schema': schema },
    // The library keeps notes per address, about streams that are over: each stream has its own.
    params: { stream: newId() },
    fetchClient: (target, init) => fetchNoticed(ask, { target, init }, listener),
    onError: (error) => listener.onEnded(error),
  })
  stream.subscribe(hear)
  return {
    // It rejects when the stream ends meanwhile, which we are told anyway.
    refresh: () => void stream.forceDisconnectAndRefresh().catch(() => undefined),
    close,
  }
}

/** Nothing is told after the end, and nothing is read. */
function whileOpen(told: TailListener, signal: AbortSignal, close: () => void): TailListener {
  const last = (tell: () => void) => {
    if (signal.aborted) return
    close()
    tell()
  }
  return {
    onUpToDate: async (entries) => {
      if (!signal.aborted) await told.onUpToDate(entries)
    },
    onNoNetwork: () => {
      if (!signal.aborted) told.onNoNetwork()
    },
    onEnded: (error) => last(() => told.onEnded(error)),
    onUnauthorised: () => last(() => told.onUnauthorised()),
  }
}

/** Entries since the last safe point; null once a row among them could not be read. */
function createGathered() {
  let entries: LogEntry[] = []
  let isReadable = true
  return {
    add: (row: unknown) => {
      const entry = entryOfRow(row)
      if (entry === null) isReadable = false
      else entries.push(entry)
    },
    count: () => entries.length,
    take: (): readonly LogEntry[] | null => {
      const taken = isReadable ? entries : null
      entries = []
      isReadable = true
      return taken
    },
  }
}

interface Fetched {
  readonly target: Parameters<typeof fetch>[0]
  readonly init: RequestInit | undefined
}

async function fetchNoticed(ask: typeof fetch, { target, init }: Fetched, listener: TailListener): Promise<Response> {
  try {
    const response = await ask(target, { ...init, credentials: 'same-origin', cache: 'no-store', redirect: 'error' })
    const refusal = refusalOf(response, 'application/json')
    if (refusal?.kind === 'signed-out') listener.onUnauthorised()
    if (refusal?.kind === 'back-off') listener.onNoNetwork()
    // The sign-in page of a hotel: as good as no network, and the library tries that again (NET-1).
    if (refusal?.kind === 'invalid') throw new TypeError(refusal.message)
    return response
  } catch (error) {
    if (!init?.signal?.aborted) listener.onNoNetwork()
    throw error
  }
}
