import { drizzle, type PgRemoteDatabase } from 'drizzle-orm/pg-proxy'
import type { DeviceClient, RawRow } from '../device/client'

/** The handle that `build` of `useLiveQuery` writes its select with. It never runs anything by itself. */
export type LiveDb = PgRemoteDatabase<Record<string, never>>

/** A drizzle select: it can say its SQL, and maps rows when it is awaited. */
export interface LiveSelect<Row = unknown> extends PromiseLike<Row[]> {
  toSQL(): { sql: string; params: unknown[] }
}

/** What one live query knows now. `key` names the query the rows belong to; null before the first rows. */
export interface LiveState<Row> {
  readonly key: string | null
  readonly rows: readonly Row[]
  readonly error: Error | null
}

export interface LiveRows<Row> {
  readonly db: LiveDb
  get(): LiveState<Row>
  subscribe(listener: () => void): () => void
  /** Follows the select until the returned function is called. Rows of the former one stay until new ones are there. */
  follow(client: DeviceClient, select: LiveSelect<Row>): () => void
}

/** Two selects with the same key ask for the same rows: SQL and parameters, with values JSON does not know as text. */
export function liveKey(select: LiveSelect): string {
  const { sql, params } = select.toSQL()
  return JSON.stringify([sql, params], (_name, value) => (typeof value === 'bigint' ? `${value}n` : value))
}

/**
 * The rows of one live query, mapped as drizzle maps them. The select is executed on a handle whose callback answers
 * the rows the worker sent: the mapping of columns, joins and `mapWith` is drizzle's own, and no SQL runs in the tab.
 * A row whose values did not change keeps its object, so that memoised components stay as they are.
 */
export function createLiveRows<Row>(): LiveRows<Row> {
  let answer: readonly RawRow[] = []
  const db: LiveDb = drizzle(async () => ({ rows: answer as RawRow[] }))
  let state: LiveState<Row> = { key: null, rows: [], error: null }
  let rowsByText = new Map<string, Row>()
  const listeners = new Set<() => void>()

  const publish = (next: LiveState<Row>) => {
    state = next
    for (const listener of listeners) listener()
  }

  const map = async (select: LiveSelect<Row>, raw: readonly RawRow[]): Promise<readonly Row[]> => {
    answer = raw
    const mapped = await select
    const next = new Map<string, Row>()
    const rows = mapped.map((row, place) => {
      const text = JSON.stringify(raw[place])
      const kept = rowsByText.get(text) ?? row
      next.set(text, kept)
      return kept
    })
    rowsByText = next
    return rows
  }

  return {
    db,
    get: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    follow: (client, select) => {
      const key = liveKey(select)
      let active = true
      // Another select may have the same SQL and other field names: what is kept belongs to one select.
      rowsByText = new Map()
      const fail = (error: unknown) => {
        if (active) publish({ ...state, key, error: error instanceof Error ? error : new Error(String(error)) })
      }
      // Mapping is asynchronous: one at a time, so that an older answer never overtakes a newer one.
      let mapping = Promise.resolve()
      const stop = client.watch(select.toSQL(), {
        onRows: (raw) => {
          mapping = mapping
            .then(async () => {
              if (!active) return
              const rows = await map(select, raw)
              if (active) publish({ key, rows, error: null })
            })
            .catch(fail)
        },
        onError: fail,
      })
      return () => {
        active = false
        stop()
      }
    },
  }
}
