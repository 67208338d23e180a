'use client'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { createLiveRows, type LiveDb, type LiveSelect, type LiveState, liveKey } from './live-rows'
import { useDeviceClient } from './provider'

export type { LiveDb, LiveSelect } from './live-rows'

export interface LiveQueryResult<Row> {
  readonly rows: readonly Row[]
  /** True until the first rows of the present query are there. False when there is nothing to ask. */
  readonly isLoading: boolean
  readonly error: Error | null
}

const nothing: LiveState<never> = { key: null, rows: [], error: null }

/**
 * The rows of a drizzle select over the local database, always current (LIVE-1). `build` runs on every render; the
 * subscription changes only when the SQL or a parameter does, so there is no dependency list to forget. Give every list
 * an `orderBy`, and a `limit` where it may grow: both make the refresh cheap.
 */
export function useLiveQuery<Row>(build: (db: LiveDb) => LiveSelect<Row> | null): LiveQueryResult<Row> {
  const client = useDeviceClient()
  const [live] = useState(() => createLiveRows<Row>())
  const state = useSyncExternalStore<LiveState<Row>>(live.subscribe, live.get, () => nothing)
  const select = build(live.db)
  const key = select === null ? null : liveKey(select)
  const current = useRef(select)
  current.current = select

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the select, which is new on each render.
  useEffect(() => {
    if (client === null || current.current === null) return
    return live.follow(client, current.current)
  }, [client, key, live])

  if (key === null) return { rows: [], isLoading: false, error: null }
  return { rows: state.rows, isLoading: state.key !== key, error: state.key === key ? state.error : null }
}
