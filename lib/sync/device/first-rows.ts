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
  const { seen, marks, schedule, onFailure } = options
  const watchersById = new Map<string, number>()
  const unkept = new Map<string, readonly RawRow[]>()
  let isKeepSoon = false
  let acting = 0
  let isOver = false
  let isForgotten = marks.take()
  let work = isForgotten ? quietly(seen.clear()) : Promise.resolve()

  function quietly(done: Promise<void>): Promise<void> {
    return done.catch(onFailure)
  }
  /** One after another, so that what is kept last is what was seen last. */
  const next = (step: () => Promise<void>): Promise<void> => {
    work = work.then(() => quietly(step()))
    return work
  }

  const flush = () =>
    next(async () => {
      const entries = [...unkept]
      unkept.clear()
      await seen.write(entries.map(([id, rows]) => ({ id, rows })))
    })
  const keepSoon = () => {
    if (isKeepSoon) return
    isKeepSoon = true
    schedule(keepMs, () => {
      isKeepSoon = false
      void flush()
    })
  }

  const askServer = async ({ key, input, sql, params }: NamedStatement): Promise<readonly RawRow[] | null> => {
    if (input === null || isForgotten || (await options.hasWork())) return null
    return options.ask({ key, input, statement: statementHash({ sql, params }), schema: options.schema })
  }

  const forget = () => {
    unkept.clear()
    return next(() => seen.clear())
  }

  return {
    userId: options.userId,
    open: (statement) => {
      const id = seenId(statement.key, options.schema, statementText(statement))
      watchersById.set(id, (watchersById.get(id) ?? 0) + 1)
      let isOpen = true
      return {
        read: async () => {
          try {
            await work
            const rows = isForgotten ? null : await seen.read(id)
            return rows ?? (await askServer(statement))
          } catch (error) {
            onFailure(error)
            return null
          }
        },
        keep: (rows) => {
          if (!isOpen || isOver) return
          isForgotten = false
          unkept.set(id, rows)
          keepSoon()
        },
        unfit: (error) => {
          onFailure(error)
          void forget()
        },
        close: () => {
          isOpen = false
          const watchers = (watchersById.get(id) ?? 1) - 1
          if (watchers > 0) watchersById.set(id, watchers)
          else watchersById.delete(id)
        },
      }
    },
    acting: () => {
      acting += 1
      marks.set()
      void next(() => seen.dropAllBut([...watchersById.keys()]))
      return () => {
        schedule(settleMs, () => {
          void flush().then(() => {
            acting -= 1
            if (acting === 0) marks.remove()
          })
        })
      }
    },
    forget,
    end: () => {
      isOver = true
      return forget()
    },
    flush,
  }
}
