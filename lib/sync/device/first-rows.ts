/**
 * What a page shows before the device's database is open: rows seen last, kept in this browser, or those the server reads
 * meanwhile. For the eyes only: the engine never reads them and never writes them.
 *
 * A page must not show a state from before what its person did themselves. So an action of theirs first makes everything
 * kept unknown that is not on the screen, and leaves a mark until what is on the screen is kept again; a page that finds a
 * mark shows nothing until the database answers.
 */
import { type FirstRowsRequest, seenId, statementHash, statementText } from '../core/first-rows'
import type { LiveStatement, RawRow } from './client'
import type { SeenRows } from './seen-rows'

/** A query with a name. `input` is what the server's query of that name takes; null: the server does not know it. */
export interface NamedStatement extends LiveStatement {
  readonly key: string
  readonly input: Readonly<Record<string, string>> | null
}

export interface OpenedRows {
  /** What may be shown until the database answers; null when nothing may. */
  read(): Promise<readonly RawRow[] | null>
  /** What is on the screen now, from the database. */
  keep(rows: readonly RawRow[]): void
  /** They could not be shown: something is wrong with them. */
  unfit(error: unknown): void
  close(): void
}

export interface FirstRows {
  readonly userId: string
  open(statement: NamedStatement): OpenedRows
  /** Before an action of this person begins; the answer is called when it has ended. */
  acting(): () => void
  /** Nothing of what was kept is shown any more. */
  forget(): Promise<void>
  /** The person leaves: the same, and nothing is kept from now on. */
  end(): Promise<void>
  /** The page may be gone in a moment. */
  flush(): Promise<void>
}

/** A mark that survives the page, set and read at once. One for each tab. */
export interface ActingMarks {
  set(): void
  remove(): void
  /** Takes those of all tabs away; answers whether there were any. */
  take(): boolean
}

export interface FirstRowsOptions {
  readonly userId: string
  /** Fingerprint of the tables. */
  readonly schema: string
  readonly seen: SeenRows
  readonly marks: ActingMarks
  /** Asks the server; null when it has no answer for this. */
  ask(request: FirstRowsRequest): Promise<readonly RawRow[] | null>
  /** Whether the outbox has work the server may not know: then its rows would be of a state before it. */
  hasWork(): Promise<boolean>
  schedule(ms: number, work: () => void): () => void
  onFailure(error: unknown): void
}

/** Changes of a moment are kept together. */
const keepMs = 200
/** Until live queries have shown what an action did; they take some milliseconds. */
const settleMs = 1_000

export function createFirstRows(options: FirstRowsOptions): FirstRows {
  const { userId, schema } = options
  const keeping = createKeeping(options)
  const watched = createCounts()

  const read = async (id: string, statement: NamedStatement): Promise<readonly RawRow[] | null> => {
    const kept = await keeping.read(id)
    const { key, input, sql, params } = statement
    if (kept !== null || input === null || keeping.isUnknown() || (await options.hasWork())) return kept
    return options.ask({ key, input, statement: statementHash({ sql, params }), schema })
  }

  const open = (statement: NamedStatement): OpenedRows => {
    const id = seenId(statement.key, schema, statementText(statement))
    watched.add(id)
    let isOpen = true
    return {
      read: () =>
        read(id, statement).catch((error: unknown) => {
          options.onFailure(error)
          return null
        }),
      keep: (rows) => {
        if (isOpen) keeping.keep(id, rows)
      },
      unfit: (error) => {
        options.onFailure(error)
        void keeping.forget()
      },
      close: () => {
        if (isOpen) watched.remove(id)
        isOpen = false
      },
    }
  }
  return {
    ...{ userId, open, acting: createActing(options, keeping, watched.ids) },
    ...{ forget: keeping.forget, end: keeping.end, flush: keeping.flush },
  }
}

interface Keeping {
  read(id: string): Promise<readonly RawRow[] | null>
  /** A mark was found, and nothing is known yet of what came after it. */
  isUnknown(): boolean
  keep(id: string, rows: readonly RawRow[]): void
  dropAllBut(ids: readonly string[]): void
  forget(): Promise<void>
  end(): Promise<void>
  flush(): Promise<void>
}

/** Writes one after another, so that what is kept last is what was seen last. */
function createKeeping({ seen, marks, schedule, onFailure }: FirstRowsOptions): Keeping {
  const unkept = new Map<string, readonly RawRow[]>()
  let isKeepSoon = false
  let isOver = false
  let isUnknown = marks.take()
  let work: Promise<void> = Promise.resolve()
  const next = (step: () => Promise<void>): Promise<void> => {
    work = work.then(step).catch(onFailure)
    return work
  }
  const flush = () =>
    next(async () => {
      const entries = [...unkept]
      unkept.clear()
      await seen.write(entries.map(([id, rows]) => ({ id, rows })))
    })
  const forget = () => {
    unkept.clear()
    return next(() => seen.clear())
  }
  if (isUnknown) void forget()
  return {
    read: async (id) => {
      await work
      return isUnknown ? null : seen.read(id)
    },
    isUnknown: () => isUnknown,
    keep: (id, rows) => {
      if (isOver) return
      isUnknown = false
      unkept.set(id, rows)
      if (isKeepSoon) return
      isKeepSoon = true
      schedule(keepMs, () => {
        isKeepSoon = false
        void flush()
      })
    },
    dropAllBut: (ids) => void next(() => seen.dropAllBut(ids)),
    forget,
    end: () => {
      isOver = true
      return forget()
    },
    flush,
  }
}

function createActing(
  { marks, schedule }: FirstRowsOptions,
  keeping: Keeping,
  watchedIds: () => readonly string[],
): FirstRows['acting'] {
  let count = 0
  const end = async () => {
    await keeping.flush()
    count -= 1
    if (count === 0) marks.remove()
  }
  return () => {
    count += 1
    marks.set()
    keeping.dropAllBut(watchedIds())
    return () => schedule(settleMs, () => void end())
  }
}

/** Several parts of a page may watch one query. */
function createCounts() {
  const countsById = new Map<string, number>()
  return {
    ids: () => [...countsById.keys()],
    add: (id: string) => countsById.set(id, (countsById.get(id) ?? 0) + 1),
    remove: (id: string) => {
      const left = (countsById.get(id) ?? 1) - 1
      if (left > 0) countsById.set(id, left)
      else countsById.delete(id)
    },
  }
}
