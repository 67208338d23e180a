import { drizzle, type PgRemoteDatabase } from 'drizzle-orm/pg-proxy'
import { isTurnOfLive, statementText } from '../core/first-rows'
import type { DeviceClient, RawRow } from '../device/client'
import type { OpenedRows } from '../device/first-rows'

/** The handle that `build` of `useLiveQuery` writes its select with. It never runs anything by itself. */
export type LiveDb = PgRemoteDatabase<Record<string, never>>

/** A drizzle select: it can say its SQL, and maps rows when it is awaited. */
export interface LiveSelect<Row = unknown> extends PromiseLike<Row[]> {
  toSQL(): { sql: string; params: unknown[] }
}

/** What one live query knows now. `key` names the query and the user the rows belong to; null before the first rows. */
export interface LiveState<Row> {
  readonly key: string | null
  readonly rows: readonly Row[]
  /** They were seen last, or are the server's: the database has not answered yet. */
  readonly isStale: boolean
  readonly error: Error | null
}

/** A select, and what its rows are known by. */
export interface Asked<Row> {
  readonly key: string
  readonly select: LiveSelect<Row>
}

export interface LiveRows<Row> {
  readonly db: LiveDb
  get(): LiveState<Row>
  subscribe(listener: () => void): () => void
  /** Shows first rows until the database answers, and keeps what it answers for the next time. Answers how to stop. */
  paint(opened: OpenedRows, asked: Asked<Row>): () => void
  /** Follows the select until the returned function is called. Rows of the former one stay until new ones are there. */
  follow(client: DeviceClient, asked: Asked<Row>): () => void
}

/** Two selects with the same key ask for the same rows, for the same user. */
export function liveKey(select: LiveSelect, userId: string | null): string {
  return `${userId ?? ''} ${statementText(select.toSQL())}`
}

/**
 * The rows of one live query, mapped as drizzle maps them. The select is executed on a handle whose callback answers
 * the rows the worker sent: the mapping of columns, joins and `mapWith` is drizzle's own, and no SQL runs in the tab.
 * A row whose values did not change keeps its object, and a list in which nothing changed its array, so that memoised
 * components stay as they are; also when rows that were seen last are replaced by live ones.
 */
export function createLiveRows<Row>(): LiveRows<Row> {
  const mapping = createMapping<Row>()
  let state: LiveState<Row> = { key: null, rows: [], isStale: false, error: null }
  let opened: { readonly key: string; readonly rows: OpenedRows } | null = null
  const listeners = new Set<() => void>()

  const publish = (next: LiveState<Row>) => {
    state = next
    for (const listener of listeners) listener()
  }
  const isLive = (key: string) => state.key === key && !state.isStale

  return {
    db: mapping.db,
    get: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    paint: (painted, { key, select }) => {
      opened = { key, rows: painted }
      let isActive = true
      const show = async () => {
        const raw = isLive(key) ? null : await painted.read()
        if (raw === null) return
        await mapping.map({ key, select }, raw, (rows) => {
          if (isActive && !isLive(key)) publish({ key, rows, isStale: true, error: null })
        })
      }
      show().catch(painted.unfit)
      return () => {
        isActive = false
        if (opened?.rows === painted) opened = null
        painted.close()
      }
    },
    follow: (client, { key, select }) => {
      let isActive = true
      let held: readonly RawRow[] | null = null
      const fail = (error: unknown) => {
        if (!isActive) return
        publish({ ...state, key, isStale: false, error: error instanceof Error ? error : new Error(String(error)) })
      }
      const take = (raw: readonly RawRow[]) => {
        const show = (rows: readonly Row[]) => {
          if (!isActive) return
          const seenCount = state.key === key && state.isStale ? state.rows.length : 0
          const status = client.status.get()
          held = isTurnOfLive({ status, seenCount, liveCount: rows.length }) ? null : raw
          if (held !== null) return
          if (opened?.key === key) opened.rows.keep(raw)
          publish({ key, rows, isStale: false, error: null })
        }
        mapping.map({ key, select }, raw, show).catch(fail)
      }
      const stop = client.watch(select.toSQL(), { onRows: take, onError: fail })
      const unsubscribe = client.status.subscribe(() => {
        if (held !== null) take(held)
      })
      return () => {
        isActive = false
        stop()
        unsubscribe()
      }
    },
  }
}

/** Mapping is asynchronous: one at a time, so that an older answer never overtakes a newer one. */
function createMapping<Row>() {
  let answer: readonly RawRow[] = []
  const db: LiveDb = drizzle(async () => ({ rows: answer as RawRow[] }))
  let known: { readonly key: string; readonly rowsByText: ReadonlyMap<string, Row>; readonly rows: readonly Row[] } = {
    ...{ key: '', rowsByText: new Map(), rows: [] },
  }
  let last: Promise<void> = Promise.resolve()

  const mapped = async ({ key, select }: Asked<Row>, raw: readonly RawRow[]): Promise<readonly Row[]> => {
    answer = raw
    const fresh = await select
    const former = known.key === key ? known : { rowsByText: new Map<string, Row>(), rows: [] }
    const rowsByText = new Map<string, Row>()
    const rows = fresh.map((row, place) => {
      const text = JSON.stringify(raw[place])
      const kept = former.rowsByText.get(text) ?? row
      rowsByText.set(text, kept)
      return kept
    })
    const isSame = rows.length === former.rows.length && rows.every((row, place) => row === former.rows[place])
    known = { key, rowsByText, rows: isSame ? former.rows : rows }
    return known.rows
  }

  return {
    db,
    map: (asked: Asked<Row>, raw: readonly RawRow[], then: (rows: readonly Row[]) => void): Promise<void> => {
      const step = last.then(async () => then(await mapped(asked, raw)))
      last = step.catch(() => undefined)
      return step
    },
  }
}
