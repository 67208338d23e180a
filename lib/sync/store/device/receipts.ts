/** What became of actions, as rows in PGlite. The newest revision of each is kept; the server keeps them for ever. */
import type { Clock } from '../../core/hlc'
import type { Receipt } from '../../core/protocol'
import type { ColumnDifference, ShownRow } from '../../core/shown'
import type { Sql } from '../driver'

export interface ReceiptRow {
  readonly receipt: Receipt
  /** When it was done: the clock it was offered with, for actions of this device. */
  readonly clock: Clock
  /** Null: done on another device, or before this database was made. */
  readonly input: string | null
  readonly effect: string | null
  readonly shown: readonly ShownRow[] | null
  readonly difference: readonly ColumnDifference[] | null
  /** The status its author was last told. */
  readonly told: Receipt['status'] | null
  readonly isSeen: boolean
}

const columns = 'receipt, clock, input, effect, shown, difference, told, is_seen'

interface ReceiptColumns {
  receipt: string
  clock: string
  input: string | null
  effect: string | null
  shown: string | null
  difference: string | null
  told: Receipt['status'] | null
  is_seen: boolean
}

function receiptRow({ is_seen, ...row }: ReceiptColumns): ReceiptRow {
  return {
    ...row,
    receipt: JSON.parse(row.receipt) as Receipt,
    shown: row.shown === null ? null : (JSON.parse(row.shown) as ShownRow[]),
    difference: row.difference === null ? null : (JSON.parse(row.difference) as ColumnDifference[]),
    isSeen: is_seen,
  }
}

/** The newest receipts that are known of these actions. */
export async function knownReceipts(sql: Sql, actionIds: readonly string[]): Promise<Receipt[]> {
  const rows = await sql.query<{ receipt: string }>(
    'select receipt from sync.receipts where action_id in (select jsonb_array_elements_text($1::jsonb)::uuid)',
    [JSON.stringify(actionIds)],
  )
  return rows.map((row) => JSON.parse(row.receipt) as Receipt)
}

export async function saveReceipts(sql: Sql, receipts: Iterable<Receipt>): Promise<void> {
  const rows = [...receipts].map((receipt) => ({ id: receipt.actionId, revision: receipt.revision, receipt }))
  if (rows.length === 0) return
  await sql.rows(
    `insert into sync.receipts (action_id, revision, receipt, clock)
     select id, revision, receipt, coalesce(receipt ->> 'clock', '')
     from jsonb_to_recordset($1::jsonb) r(id uuid, revision bigint, receipt jsonb)
     on conflict (action_id) do update
       set revision = excluded.revision, receipt = excluded.receipt, is_settled = false`,
    [JSON.stringify(rows)],
  )
}

/** The newest receipts of actions that are still pending here. */
export async function receiptsOfPending(sql: Sql): Promise<Map<string, Receipt>> {
  const rows = await sql.query<{ receipt: string }>(
    'select r.receipt from sync.receipts r join sync.pending p on p.id = r.action_id',
  )
  return new Map(rows.map((row) => JSON.parse(row.receipt) as Receipt).map((receipt) => [receipt.actionId, receipt]))
}

/** Actions leave `pending`; what their author saw of them stays with the receipt. */
export async function settlePending(sql: Sql, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql.rows(
    `with gone as (
       delete from sync.pending where id in (select jsonb_array_elements_text($1::jsonb)::uuid)
       returning id, input, clock, effect, value, case when was_confirmed then null else shown end as shown)
     update sync.receipts r set input = g.input, clock = g.clock, effect = g.effect, shown = g.shown, value = g.value
     from gone g where r.action_id = g.id`,
    [JSON.stringify(ids)],
  )
}

/** Receipts whose last revision was not looked at yet, of actions that are not pending. */
export async function unsettledReceipts(sql: Sql): Promise<ReceiptRow[]> {
  const rows = await sql.query<ReceiptColumns>(
    `select ${columns} from sync.receipts r
     where not is_settled and not exists (select from sync.pending p where p.id = r.action_id)`,
  )
  return rows.map(receiptRow)
}

export async function saveSettled(sql: Sql, rows: readonly ReceiptRow[]): Promise<void> {
  if (rows.length === 0) return
  const settled = rows.map((row) => ({ ...row, id: row.receipt.actionId }))
  await sql.rows(
    `update sync.receipts r set is_settled = true, effect = s.effect, shown = nullif(s.shown, 'null'::jsonb),
       difference = nullif(s.difference, 'null'::jsonb), told = s.told, is_seen = s."isSeen"
     from jsonb_to_recordset($1::jsonb) s(id uuid, effect text, shown jsonb, difference jsonb, told text, "isSeen" boolean)
     where r.action_id = s.id`,
    [JSON.stringify(settled)],
  )
}

/** The latest ones, newest first. */
export async function latestReceipts(sql: Sql, limit: number): Promise<ReceiptRow[]> {
  const rows = await sql.query<ReceiptColumns>(
    `select ${columns} from sync.receipts r
     where not exists (select from sync.pending p where p.id = r.action_id) order by clock desc, action_id limit ${limit}`,
  )
  return rows.map(receiptRow)
}

export async function receiptsById(sql: Sql, actionIds: readonly string[]): Promise<ReceiptRow[]> {
  const rows = await sql.query<ReceiptColumns>(
    `select ${columns} from sync.receipts
     where action_id in (select jsonb_array_elements_text($1::jsonb)::uuid)`,
    [JSON.stringify(actionIds)],
  )
  return rows.map(receiptRow)
}

export async function markSeen(sql: Sql, actionIds: readonly string[]): Promise<void> {
  await sql.rows(
    'update sync.receipts set is_seen = true where action_id in (select jsonb_array_elements_text($1::jsonb)::uuid)',
    [JSON.stringify(actionIds)],
  )
}

/** Status of settled receipts by action id: what start compares the outbox with. */
export async function settledOutcomes(sql: Sql): Promise<Map<string, Pick<Receipt, 'status' | 'clock'>>> {
  const rows = await sql.query<{ action_id: string; status: Receipt['status']; clock: string | null }>(
    `select action_id, receipt ->> 'status' as status, receipt ->> 'clock' as clock from sync.receipts r
     where input is not null and not exists (select from sync.pending p where p.id = r.action_id)`,
  )
  return new Map(rows.map(({ action_id, status, clock }) => [action_id, { status, clock }]))
}

/** What was answered before this clock has been heard, or nobody listens any more (TAB-1). */
export async function forgetValues(sql: Sql, before: Clock): Promise<void> {
  await sql.rows('update sync.receipts set value = null where value is not null and clock < $1', [before])
}

/** A reset drops what the lost history said (OUT-1); refused actions were never part of any history. */
export async function dropReceipts(sql: Sql): Promise<void> {
  await sql.rows(`delete from sync.receipts where receipt ->> 'status' <> 'refused'`)
}
