/** The pending actions in PGlite: what was done here and is not settled yet. */
import type { Clock } from '../../core/hlc'
import type { Place } from '../../core/plan-rebase'
import type { Hold } from '../../core/push-plan'
import type { ShownRow } from '../../core/shown'
import type { Sql } from '../driver'

export interface PendingRow {
  readonly id: string
  readonly name: string
  readonly version: number
  /** Canonical JSON. */
  readonly input: string
  readonly ordinal: number
  readonly clock: Clock
  readonly place: Place
  readonly wasConfirmed: boolean
  /** Its last run here threw; it has no provisional effect and is still sent (REC-4). */
  readonly mayBeRejected: boolean
  readonly hold: Hold | null
  readonly failures: number
  /** What its last run here did, as the author sees it. */
  readonly effect: string | null
  /** Null: it never ran here. */
  readonly shown: readonly ShownRow[] | null
  /** What its first run here answered, as JSON text; null when that is not known, or no JSON (TAB-1). */
  readonly value: string | null
}

/** An execution that was recorded here before. */
export interface DoneAction {
  readonly name: string
  /** Canonical JSON; null when it was done on another device. */
  readonly input: string | null
  /** As in `PendingRow`. */
  readonly value: string | null
}

/** What a run of a pending action came to. */
export interface RunResult {
  readonly id: string
  readonly mayBeRejected: boolean
  readonly effect: string | null
  readonly shown: readonly ShownRow[]
  readonly value: string | null
}

const columns =
  'id, name, version, input, ordinal, clock, place, was_confirmed, may_be_rejected, hold, failures, effect, shown, value'

interface PendingColumns {
  id: string
  name: string
  version: number
  input: string
  ordinal: string
  clock: string
  place: Place
  was_confirmed: boolean
  may_be_rejected: boolean
  hold: string | null
  failures: number
  effect: string | null
  shown: string | null
  value: string | null
}

/** In ordinal order. */
export async function readPending(sql: Sql): Promise<PendingRow[]> {
  return (await sql.query<PendingColumns>(`select ${columns} from sync.pending order by ordinal, id`)).map(pendingRow)
}

/** The last ones, and how many wait for the server; held ones wait for something else. */
export async function readLatestPending(
  sql: Sql,
  limit: number,
): Promise<{ rows: PendingRow[]; waitingCount: number }> {
  const rows = await sql.query<PendingColumns>(
    `select ${columns} from sync.pending order by ordinal desc, id limit ${limit}`,
  )
  const [count] = await sql.rows('select count(*)::int from sync.pending where hold is null')
  return { rows: rows.map(pendingRow), waitingCount: Number(count?.[0] ?? 0) }
}

function pendingRow({ was_confirmed, may_be_rejected, ...row }: PendingColumns): PendingRow {
  return {
    ...row,
    ordinal: Number(row.ordinal),
    wasConfirmed: was_confirmed,
    mayBeRejected: may_be_rejected,
    hold: row.hold === null ? null : (JSON.parse(row.hold) as Hold),
    shown: row.shown === null ? null : (JSON.parse(row.shown) as ShownRow[]),
  }
}

export async function insertPending(sql: Sql, rows: readonly PendingRow[]): Promise<void> {
  if (rows.length === 0) return
  await sql.rows(
    `insert into sync.pending (${columns})
     select id, name, version, input, ordinal, clock, place, "wasConfirmed", "mayBeRejected",
       nullif(hold, 'null'::jsonb), failures, effect, nullif(shown, 'null'::jsonb), value
     from jsonb_to_recordset($1::jsonb) r(id uuid, name text, version integer, input text, ordinal bigint, clock text,
       place text, "wasConfirmed" boolean, "mayBeRejected" boolean, hold jsonb, failures integer, effect text, shown jsonb,
       value text)`,
    [JSON.stringify(rows)],
  )
}

export async function deletePending(sql: Sql, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql.rows('delete from sync.pending where id in (select jsonb_array_elements_text($1::jsonb)::uuid)', [
    JSON.stringify(ids),
  ])
}

/** What was answered first stays the answer. */
export async function saveRuns(sql: Sql, results: readonly RunResult[]): Promise<void> {
  if (results.length === 0) return
  await sql.rows(
    `update sync.pending p set may_be_rejected = r."mayBeRejected", effect = r.effect, shown = r.shown,
       value = coalesce(p.value, r.value)
     from jsonb_to_recordset($1::jsonb) r(id uuid, "mayBeRejected" boolean, effect text, shown jsonb, value text)
     where p.id = r.id`,
    [JSON.stringify(results)],
  )
}

export async function savePlaces(sql: Sql, places: ReadonlyMap<string, Place>): Promise<void> {
  if (places.size === 0) return
  await sql.rows(
    `update sync.pending p set place = r.value from jsonb_each_text($1::jsonb) r where p.id = r.key::uuid`,
    [JSON.stringify(Object.fromEntries(places))],
  )
}

/** Clock, ordinal and marks, as the outbox has them: on start the outbox wins. */
export async function saveNumbers(
  sql: Sql,
  rows: readonly Pick<PendingRow, 'id' | 'ordinal' | 'clock' | 'hold' | 'failures' | 'wasConfirmed'>[],
): Promise<void> {
  if (rows.length === 0) return
  await sql.rows(
    `update sync.pending p set ordinal = r.ordinal, clock = r.clock, hold = nullif(r.hold, 'null'::jsonb),
       failures = r.failures, was_confirmed = r."wasConfirmed"
     from jsonb_to_recordset($1::jsonb) r(id uuid, ordinal bigint, clock text, hold jsonb, failures integer, "wasConfirmed" boolean)
     where p.id = r.id`,
    [JSON.stringify(rows)],
  )
}

/** The execution of this id, when it was recorded here before, pending or settled. */
export async function readDone(sql: Sql, id: string): Promise<DoneAction | null> {
  const [done] = await sql.query<{ name: string; input: string | null; value: string | null }>(
    `select name, input, value from sync.pending where id = $1::uuid
     union all
     select receipt ->> 'name', input, value from sync.receipts where action_id = $1::uuid
     limit 1`,
    [id],
  )
  return done ?? null
}

/** In an empty database, before its first snapshot, actions fail for lack of rows: nobody saw that as their result. */
export async function forgetBlindRuns(sql: Sql): Promise<void> {
  await sql.rows(
    `update sync.pending set shown = null, may_be_rejected = false
     where may_be_rejected and not exists (select from sync.cursors)`,
  )
}

/** What the log of a lost history confirmed is in the rows, and waits to be offered again (OUT-1). */
export async function moveFromLogToRows(sql: Sql): Promise<void> {
  await sql.rows("update sync.pending set place = 'rows' where place = 'log'")
}
