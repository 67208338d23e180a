/** Live queries of a device: PGlite's own, shared by everybody who asks the same (LIVE-1). */
import type { PGlite } from '@electric-sql/pglite'
import type { LiveNamespace } from '@electric-sql/pglite/live'
import type { SqlParameter, SqlValue } from '../store/driver'
import { parameterTexts, parsersByOid, sessionSettings } from '../store/parameter-text'
import type { LiveListener, LiveStatement, RawRow } from './client'
import { withLiterals, withNumberedColumns } from './live-statement'

/** A PGlite that was created with the `live` extension. */
export type LivePglite = PGlite & { readonly live: LiveNamespace }

export interface LiveQueries {
  /** Returns how to stop. */
  watch(statement: LiveStatement, listener: LiveListener): () => void
}

export interface LiveOptions {
  onFailure?(error: unknown): void
  schedule(ms: number, work: () => void): () => void
}

interface Shared {
  readonly listeners: Set<LiveListener>
  rows: readonly RawRow[] | null
  /** The JSON of `rows`: a refresh that brings the same is told to nobody. */
  text: string
  error: Error | null
  stop: (() => void) | null
  cancelStop: () => void
}

/** Kept this long after the last listener: going back and forth between screens finds its rows at once. */
const lingerMs = 5_000

/** Reads values as `store/driver.ts` says, in UTC, for everything PGlite reads outside of the store. */
export async function prepareForLive(pglite: LivePglite): Promise<void> {
  for (const oid of Object.keys(pglite.parsers)) pglite.parsers[oid] = parsersByOid[Number(oid)] ?? ((text) => text)
  await pglite.exec(sessionSettings.replaceAll('set local', 'set'))
}

export function createLiveQueries(
  pglite: LivePglite,
  { schedule, onFailure = () => undefined }: LiveOptions,
): LiveQueries {
  const sharedByKey = new Map<string, Shared>()

  const start = async (shared: Shared, statement: PlainStatement) => {
    try {
      const query = await viewStatement(pglite, statement)
      const live = await pglite.live.query<Record<string, SqlValue>>(query, [], ({ rows }) => tell(shared, rows))
      shared.stop = () => void live.unsubscribe().catch((error: unknown) => fail(shared, error))
    } catch (error) {
      fail(shared, error)
      onFailure(error)
    }
  }

  return {
    watch: (statement, listener) => {
      const asked = plainStatement(statement)
      if (asked instanceof Error) {
        listener.onError(asked)
        return () => undefined
      }
      const key = JSON.stringify(asked)
      let shared = sharedByKey.get(key)
      if (!shared) {
        shared = { listeners: new Set(), rows: null, text: '', error: null, stop: null, cancelStop: () => undefined }
        sharedByKey.set(key, shared)
        void start(shared, asked)
      }
      const watched = shared
      watched.cancelStop()
      watched.listeners.add(listener)
      if (watched.rows !== null) listener.onRows(watched.rows)
      else if (watched.error !== null) listener.onError(watched.error)
      return () => {
        watched.listeners.delete(listener)
        if (watched.listeners.size > 0) return
        watched.cancelStop = schedule(lingerMs, () => {
          sharedByKey.delete(key)
          watched.stop?.()
        })
      }
    },
  }
}

function tell(shared: Shared, rows: readonly Record<string, SqlValue>[]): void {
  const raw = rows.map((row) => Object.values(row))
  const text = JSON.stringify(raw)
  if (shared.rows !== null && text === shared.text) return
  shared.rows = raw
  shared.text = text
  for (const listener of shared.listeners) listener.onRows(raw)
}

function fail(shared: Shared, thrown: unknown): void {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  shared.error = error
  for (const listener of shared.listeners) listener.onError(error)
}

interface PlainStatement {
  readonly sql: string
  readonly texts: readonly (string | null)[]
}

function plainStatement({ sql, params }: LiveStatement): PlainStatement | Error {
  try {
    return { sql, texts: parameterTexts(sql, params as readonly SqlParameter[]) }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** The database itself says what types the parameters have and how many columns there are. */
async function viewStatement(pglite: PGlite, { sql, texts }: PlainStatement): Promise<string> {
  const { columnCount, types } = await pglite.transaction(async (transaction) => {
    await transaction.exec(`prepare describe_live as ${sql}`)
    const { rows } = await transaction.query<[number, string]>(
      `select cardinality(result_types), to_json(parameter_types::text[])::text
       from pg_prepared_statements where name = 'describe_live'`,
      [],
      { rowMode: 'array' },
    )
    await transaction.exec('deallocate describe_live')
    const [count, types] = rows[0] ?? [0, '[]']
    return { columnCount: count, types: JSON.parse(types) as string[] }
  })
  return withNumberedColumns(withLiterals(sql, texts, types), columnCount)
}
