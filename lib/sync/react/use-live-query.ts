'use client'
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react'
import { createLiveRows, type LiveDb, type LiveSelect, type LiveState, liveKey } from './live-rows'
import { useDeviceClient, useFirstRows } from './provider'

export type { LiveDb, LiveSelect } from './live-rows'

export interface LiveQueryResult<Row> {
  readonly rows: readonly Row[]
  /** True until the first rows of the present query are there. False when there is nothing to ask. */
  readonly isLoading: boolean
  /**
   * The rows are those seen last, or the server's, because the database of this device has not answered yet. Show them;
   * but that there are none, or that something is missing, is not known yet.
   */
  readonly isStale: boolean
  readonly error: Error | null
}

export interface FirstPaint {
  /** Names the query. Its rows are kept in this browser and shown first the next time, before the database is open. */
  readonly key: string
  /** What the server's query of that name takes; with it the server is asked for first rows when none are kept. */
  readonly input?: Readonly<Record<string, string>>
}

const nothing: LiveState<never> = { key: null, rows: [], isStale: false, error: null }

/**
 * The rows of a drizzle select over the local database, always current (LIVE-1). `build` runs on every render; the
 * subscription changes only when the SQL or a parameter does, so there is no dependency list to forget. Give every list
 * an `orderBy`, and a `limit` where it may grow: both make the refresh cheap. With a `key` its rows are on the screen
 * before the database is open.
 */
export function useLiveQuery<Row>(
  build: (db: LiveDb) => LiveSelect<Row> | null,
  painting: FirstPaint | null = null,
): LiveQueryResult<Row> {
  const client = useDeviceClient()
  const first = useFirstRows()
  const [live] = useState(() => createLiveRows<Row>())
  const state = useSyncExternalStore<LiveState<Row>>(live.subscribe, live.get, () => nothing)
  const select = build(live.db)
  const userId = first?.userId ?? client?.userId ?? null
  const key = select === null ? null : liveKey(select, userId)
  const current = useRef({ select, painting })
  current.current = { select, painting }

  // Before the page is painted: what is kept is there in the same frame, or the next.
  useLayoutEffect(() => {
    const { select, painting } = current.current
    if (first === null || select === null || painting === null || key === null) return
    const opened = first.open({ ...select.toSQL(), key: painting.key, input: painting.input ?? null })
    return live.paint(opened, { key, select })
  }, [first, key, live])

  useEffect(() => {
    const { select } = current.current
    if (client === null || client.userId !== userId || select === null || key === null) return
    return live.follow(client, { key, select })
  }, [client, userId, key, live])

  if (key === null) return { rows: [], isLoading: false, isStale: false, error: null }
  const isPresent = state.key === key
  return {
    rows: belongsTo(state, userId) ? state.rows : [],
    isLoading: !isPresent,
    isStale: isPresent && state.isStale,
    error: isPresent ? state.error : null,
  }
}

/** Rows of a former query of the same person may stay for a moment; those of somebody else never. */
function belongsTo({ key }: LiveState<unknown>, userId: string | null): boolean {
  return key?.startsWith(`${userId ?? ''} `) ?? false
}
