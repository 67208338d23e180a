/**
 * The embedded shape server: answers what the client library of Electric asks about `sync.log`, in long-poll mode
 * (SHP-3). It keeps nothing about its readers but those who wait at this moment.
 *
 * ```
 *  request ─▶ read ─▶ news, or not live ─────────────────────────────▶ answer
 *               ▲      │ nothing yet
 *               │      └─▶ wait for a wake, the end of the hold, or the reader's going ─┐
 *               └────────────────── rights and entries anew ◀───────────────────────────┘
 * ```
 */
import type { LogEntry } from '../../core/protocol'
import type { ShapeQuery } from '../../core/shape-protocol'
import {
  insertMessage,
  mustRefetch,
  nextCacheCursor,
  readShapeQuery,
  snapshotEnd,
  upToDate,
} from '../../core/shape-protocol'
import { shapeSchema } from '../../core/shape-row'
import type { ServerEngine } from '../engine'
import type { ShapeReading } from './read'
import { createReadings, type ReadingOptions } from './readings'
import type { LogWatch } from './watch'

export interface ShapeServerOptions extends ReadingOptions, Pick<ServerEngine, 'now'> {
  readonly watch: LogWatch
  /** Runs `work` after so many milliseconds; returns how to call it off. */
  schedule(ms: number, work: () => void): () => void
  /** How long a live request is held. Default 20,000, as Electric does. */
  readonly holdMs?: number
}

export interface ShapeRequest {
  readonly userId: string
  readonly parameters: URLSearchParams
  /** Aborts when the reader is gone: nothing of the request stays. */
  readonly signal: AbortSignal
}

export interface ShapeAnswer {
  readonly status: 200 | 400 | 409
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface ShapeServer {
  answer(request: ShapeRequest): Promise<ShapeAnswer>
}

const holdMsDefault = 20_000

export function createShapeServer(options: ShapeServerOptions): ShapeServer {
  const look = createReadings(options)
  return {
    async answer({ userId, parameters, signal }) {
      const query = readShapeQuery(parameters)
      const read = () => look({ userId, query })
      const reading = query.isLive ? await heldReading(options, read, signal) : await read()
      return answerOf(reading, query, options)
    },
  }
}

/** Reads until there is something to tell, the hold is over, or the reader is gone. */
async function heldReading(
  { watch, schedule, holdMs = holdMsDefault }: ShapeServerOptions,
  read: () => Promise<ShapeReading>,
  signal: AbortSignal,
): Promise<ShapeReading> {
  const wakesBefore = watch.wakeCount()
  let reading = await read()
  if (hasNews(reading) || signal.aborted) return reading
  const follower = watch.follow(reading.definition.audiences)
  const hold = createHold({ schedule, holdMs, signal })
  try {
    // Somebody appended between the read and now: perhaps to one of these.
    let isRead = watch.wakeCount() === wakesBefore
    while (true) {
      if (isRead) await Promise.race([follower.woken(), hold.ended])
      isRead = true
      if (signal.aborted) return reading
      // Also at the end of the hold: before bytes leave, the audiences are looked at again (AUD-6).
      reading = await read()
      if (hasNews(reading) || hold.isOver()) return reading
    }
  } finally {
    hold.cancel()
    follower.end()
  }
}

function hasNews(reading: ShapeReading): boolean {
  return reading.kind !== 'entries' || reading.entries.length > 0
}

function createHold({
  schedule,
  holdMs,
  signal,
}: { holdMs: number; signal: AbortSignal } & Pick<ShapeServerOptions, 'schedule'>) {
  let isOver = signal.aborted
  let resolve = (): void => undefined
  const ended = new Promise<void>((done) => {
    resolve = done
  })
  const end = () => {
    isOver = true
    resolve()
  }
  const cancelTimer = schedule(holdMs, end)
  signal.addEventListener('abort', end)
  return {
    ended,
    isOver: () => isOver,
    cancel: () => {
      cancelTimer()
      signal.removeEventListener('abort', end)
    },
  }
}

const json = { 'content-type': 'application/json' }

function answerOf(reading: ShapeReading, query: ShapeQuery, { now, random }: ShapeServerOptions): ShapeAnswer {
  const { handle } = reading.definition
  switch (reading.kind) {
    case 'invalid':
      return {
        ...{ status: 400, headers: json },
        body: JSON.stringify({ message: 'Invalid request', errors: reading.errors }),
      }
    case 'must-refetch':
      return { status: 409, headers: { ...json, 'electric-handle': handle }, body: JSON.stringify([mustRefetch]) }
    case 'entries': {
      // The first part of a shape read from its start never ends it, even when it was all (as with Electric).
      const isUpToDate = !reading.more && !reading.isFromStart
      const messages = reading.entries.map(textOfEntry)
      if (reading.isFromStart) messages.push(JSON.stringify(snapshotEnd))
      if (isUpToDate) messages.push(JSON.stringify(upToDate))
      const headers: Record<string, string> = {
        ...{ ...json, 'electric-handle': handle, 'electric-offset': reading.position },
        'electric-has-data': String(reading.entries.length > 0),
      }
      if (query.isLive) headers['electric-cursor'] = nextCacheCursor(now(), query.cursor, random())
      else headers['electric-schema'] = shapeSchema
      if (isUpToDate) headers['electric-up-to-date'] = ''
      return { status: 200, headers, body: `[${messages.join(',')}]` }
    }
  }
}

/** The same entry goes to everybody who waited for it. */
const texts = new WeakMap<LogEntry, string>()

function textOfEntry(entry: LogEntry): string {
  const text = texts.get(entry) ?? JSON.stringify(insertMessage(entry))
  texts.set(entry, text)
  return text
}
