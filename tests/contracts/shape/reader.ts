/** A reader of the log's shape: the unmodified client library, and what it was told. */
import { isChangeMessage, isControlMessage, ShapeStream } from '@electric-sql/client'
import { expect, vi } from 'vitest'
import { schemaFingerprint } from '@/db/migrations'
import type { LogEntry } from '@/lib/sync/core/protocol'
import { entryOfRow } from '@/lib/sync/core/shape-row'
import type { Shapes } from '../../support/shapes'

export interface ReaderOptions {
  readonly userId: string
  /** Goes on where another reader was. */
  readonly after?: { readonly handle: string; readonly offset: string }
  readonly offset?: 'now' | '-1'
}

export interface Reader {
  readonly stream: ShapeStream
  readonly entries: readonly LogEntry[]
  /** Entries as they came, one list for each time the server said that this is all. */
  readonly batches: readonly (readonly LogEntry[])[]
  readonly controls: readonly string[]
  readonly errors: readonly Error[]
  /** So often the server said that this is all. */
  upToDate(times: number): Promise<void>
  /** Entries of these titles' issues came, in this order. */
  titles(): string[]
  place(): { readonly handle: string; readonly offset: string }
  close(): void
}

const patience = { timeout: 30_000, interval: 5 }

export function readShape(shapes: Shapes, { userId, after, offset = 'now' }: ReaderOptions): Reader {
  const controller = new AbortController()
  const batches: LogEntry[][] = []
  let open: LogEntry[] = []
  const controls: string[] = []
  const errors: Error[] = []
  const stream = new ShapeStream({
    url: shapes.url,
    signal: controller.signal,
    headers: { 'x-beamline-schema': schemaFingerprint },
    // The library keeps notes per address across streams.
    params: { reader: crypto.randomUUID() },
    ...(after === undefined ? { offset } : { handle: after.handle, offset: after.offset as `${number}_${number}` }),
    fetchClient: shapes.fetchAs(userId),
    onError: (error) => void errors.push(error),
  })
  stream.subscribe((messages) => {
    for (const message of messages) {
      if (isChangeMessage(message)) {
        const entry = entryOfRow(message.value)
        if (entry === null) throw new Error(`Not an entry: ${JSON.stringify(message.value)}`)
        open.push(entry)
      } else if (isControlMessage(message)) {
        controls.push(message.headers.control)
        if (message.headers.control !== 'up-to-date') continue
        batches.push(open)
        open = []
      }
    }
  })
  const entries = () => [...batches.flat(), ...open]
  return {
    ...{ stream, batches, controls, errors },
    get entries() {
      return entries()
    },
    upToDate: (times) => vi.waitFor(() => expect(batches.length).toBeGreaterThanOrEqual(times), patience),
    titles: () => entries().flatMap((entry) => entry.changes.flatMap(({ image }) => image?.title ?? [])),
    place: () => ({ handle: stream.shapeHandle ?? '', offset: String(stream.lastOffset) }),
    close: () => controller.abort(),
  }
}

/** Waits until it holds, or fails with what is expected. */
export function eventually(expectation: () => void): Promise<void> {
  return vi.waitFor(expectation, patience)
}
