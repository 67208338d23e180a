/**
 * The live tail of a simulated device. It does what the client library does – one request after another, each from where
 * the last answer ended – and between it and the device stands whatever drops, repeats and mixes up what was told.
 *
 * ```
 *  open ─▶ ask ─▶ answer under way ─▶ told, as it is or spoilt ─▶ ask …
 *            │                          └ ended, cut, refused
 *            └ the server may die meanwhile, and the device exchange as much as it likes
 * ```
 */
import type { LogEntry } from '@/lib/sync/core/protocol'
import { entryOfRow } from '@/lib/sync/core/shape-row'
import type { TailListener, TailSource } from '@/lib/sync/device/tail-source'
import type { ShapeAnswer, ShapeServer } from '@/lib/sync/server/shape/server'
import { type Chance, chooser } from './chance'
import type { Faults } from './faults'
import type { Process } from './turns'

/** What happens to an answer on its way. */
const spoiling = {
  dropped: 2,
  repeated: 3,
  're-ordered': 3,
  'told again': 2,
  cut: 2,
  ended: 2,
} as const

type Spoiling = 'none' | keyof typeof spoiling

interface Place {
  readonly offset: string
  readonly handle: string | null
}

interface Told {
  readonly entries: readonly LogEntry[]
  readonly isSafe: boolean
  readonly place: Place
}

interface Stream {
  readonly listener: TailListener
  place: Place
  /** Since the last safe point. */
  gathered: LogEntry[]
  /** Under way to the device. */
  answer: ShapeAnswer | null
  /** Who is being asked. */
  server: Process | null
  /** The device is taking something in. */
  isTold: boolean
  last: readonly LogEntry[]
}

export interface Serving {
  readonly userId: string
  readonly isSignedIn: boolean
  readonly process: Process
  readonly shapes: ShapeServer
  /** Judges what leaves the server. */
  judge(text: string): void
}

export class SimTail implements TailSource {
  private stream: Stream | null = null

  constructor(private readonly count: (happening: string) => void) {}

  open(listener: TailListener) {
    const stream: Stream = {
      ...{ listener, place: { offset: 'now', handle: null }, gathered: [], last: [] },
      ...{ answer: null, server: null, isTold: false },
    }
    this.stream = stream
    const close = () => {
      if (this.stream === stream) this.stream = null
    }
    // What is under way is given up, and asked for again from the same place.
    const refresh = () => {
      stream.answer = null
      stream.server = null
    }
    return { close, refresh }
  }

  /** Asks, or brings what was answered. */
  move({ serving, faults, chance }: { serving: () => Serving; faults: Faults; chance: Chance }): void {
    const { stream } = this
    if (stream === null || stream.isTold) return
    if (stream.answer !== null) this.bring(stream, stream.answer, { faults, chance })
    else if (stream.server === null) this.ask(stream, serving())
    else if (!stream.server.isAlive) {
      stream.server = null
      stream.listener.onNoNetwork()
    }
  }

  private ask(stream: Stream, { userId, isSignedIn, process, shapes, judge }: Serving): void {
    if (!isSignedIn) {
      stream.listener.onUnauthorised()
      return
    }
    const { offset, handle } = stream.place
    const parameters = new URLSearchParams({ offset, ...(handle === null ? {} : { handle }) })
    stream.server = process
    const isWaiting = () => stream.server === process && process.isAlive && stream.answer === null
    shapes.answer({ userId, parameters, signal: new AbortController().signal }).then(
      (answer) => {
        if (!isWaiting()) return
        judge(answer.body)
        stream.answer = answer
        stream.server = null
      },
      () => {
        if (!isWaiting()) return
        stream.server = null
        stream.listener.onNoNetwork()
      },
    )
  }

  private bring(stream: Stream, answer: ShapeAnswer, { faults, chance }: { faults: Faults; chance: Chance }): void {
    stream.answer = null
    const happens: Spoiling = faults.factor === 0 ? 'none' : chooseSpoiling(chance)
    if (happens === 'cut' || happens === 'ended') {
      this.count(`tail: ${happens}`)
      if (happens === 'cut') stream.listener.onNoNetwork()
      else stream.listener.onEnded(new Error('The stream was ended'))
      return
    }
    if (answer.status !== 200) {
      this.count(answer.status === 409 ? 'tail: shape ended' : 'tail: refused')
      stream.listener.onEnded(answer.status === 409 ? null : new Error(answer.body))
      return
    }
    const told = toldBy(answer)
    stream.place = told.place
    const entries = this.spoilt(happens, { ...told, before: stream.last }, chance)
    stream.last = told.entries
    stream.gathered.push(...entries)
    if (told.isSafe) this.tell(stream)
  }

  private tell(stream: Stream): void {
    const { gathered } = stream
    stream.gathered = []
    stream.isTold = true
    void stream.listener.onUpToDate(gathered).then(() => {
      stream.isTold = false
    })
  }

  private spoilt(
    happens: Spoiling,
    { entries, before }: { readonly entries: readonly LogEntry[]; readonly before: readonly LogEntry[] },
    chance: Chance,
  ): LogEntry[] {
    if (happens === 'told again') return this.counted(happens, before, [...before, ...entries])
    if (entries.length === 0 || happens === 'none') return [...entries]
    if (happens === 'dropped') {
      const place = Math.floor(chance.next() * entries.length)
      return this.counted(happens, entries, entries.toSpliced(place, 1 + Math.floor(chance.next() * 2)))
    }
    if (happens === 'repeated') return this.counted(happens, entries, [...entries, ...entries])
    return this.counted(happens, entries, [...entries].reverse())
  }

  private counted(happens: Spoiling, concerned: readonly LogEntry[], result: LogEntry[]): LogEntry[] {
    if (concerned.length > 0) this.count(`tail: ${happens}`)
    return result
  }
}

const chooseSpoiling = chooser({ none: 40, ...spoiling })

function toldBy({ body, headers }: ShapeAnswer): Told {
  const messages = JSON.parse(body) as { value?: unknown }[]
  const entries = messages.flatMap(({ value }) => (value === undefined ? [] : [parsed(value)]))
  const place = { offset: headers['electric-offset'] ?? '', handle: headers['electric-handle'] ?? null }
  return { entries, place, isSafe: 'electric-up-to-date' in headers }
}

const jsonColumns = ['action', 'causes', 'changes', 'receipts']

function parsed(value: unknown): LogEntry {
  const row = Object.entries(value as Record<string, string | null>).map(([name, text]) => {
    if (text === null || !jsonColumns.includes(name)) return [name, name === 'place' ? Number(text) : text]
    return [name, JSON.parse(text)]
  })
  const entry = entryOfRow(Object.fromEntries(row))
  if (entry === null) throw new Error(`Not a row of the log: ${JSON.stringify(value)}`)
  return entry
}
