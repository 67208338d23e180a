/** What a checker sees of a database in SQL: read whole, through the engine's own readers where they exist. */
import { compareReplayOrder } from '@/lib/sync/core/hlc'
import type { LogEntry, Receipt } from '@/lib/sync/core/protocol'
import { readCursors, readMeta } from '@/lib/sync/store/device/meta'
import { readPending } from '@/lib/sync/store/device/pending'
import { type ReceiptRow, receiptsById } from '@/lib/sync/store/device/receipts'
import type { Sql } from '@/lib/sync/store/driver'
import { type AcceptedAction, type KnownId, knownIds, readAccepted } from '@/lib/sync/store/server/history'
import { readEntries, readHeads } from '@/lib/sync/store/server/log'
import type { DeviceLook, RowLook, ServerLook } from '../ground'

export async function readServer(sql: Sql, rows: RowLook): Promise<ServerLook> {
  const texts = async (statement: string) => (await sql.rows(statement)).map(([text]) => String(text))
  const kept = await readAccepted(sql, await texts('select id from sync.actions'))
  const pruned = (await texts('select to_jsonb(p)::text from sync.pruned_actions p')).map(acceptedOf)
  const accepted = [...kept, ...pruned].sort(compareReplayOrder)
  const ids: Map<string, KnownId> = await knownIds(sql, await texts('select id from sync.ids'))
  const audiences = await texts('select audience from sync.audiences')
  const heads = await readHeads(sql, audiences)
  const cursors = audiences.map((audience) => ({ audience, seq: 0 }))
  const left: LogEntry[] = [...(await readEntries(sql, cursors, 1_000_000)).values()].flat()
  const cut = (await texts('select to_jsonb(p)::text from sync.pruned_log p')).map(entryOf)
  const entries = [...cut, ...left]
  entries.sort((left, right) => left.stamp - right.stamp || left.place - right.place || left.seq - right.seq)
  const [patches] = await sql.rows('select count(*)::int from sync.patches')
  const patchCount = Number(patches?.[0])
  return {
    rows,
    accepted,
    arrived: null,
    ids,
    heads,
    entries: { values: () => entries, size: entries.length },
    patchCount,
  }
}

function acceptedOf(text: string): AcceptedAction {
  const { client_id, ...row } = JSON.parse(text) as AcceptedAction & { client_id: string }
  return { ...row, clientId: client_id }
}

function entryOf(text: string): LogEntry {
  const { previous_token, ...row } = JSON.parse(text) as LogEntry & { previous_token: string }
  return { ...row, previousToken: previous_token }
}

/** What compaction removes is kept beside, for the oracle and the checks of the log. */
export const keepPruned = `
  create table if not exists sync.pruned_actions (like sync.actions);
  create table if not exists sync.pruned_log (like sync.log);
  create or replace function sync.keep_pruned() returns trigger language plpgsql as $body$ begin
    if tg_table_name = 'actions' then insert into sync.pruned_actions select old.*;
    else insert into sync.pruned_log select old.*; end if;
    return null;
  end $body$;
  create or replace trigger keep_pruned after delete on sync.actions for each row execute function sync.keep_pruned();
  create or replace trigger keep_pruned after delete on sync.log for each row execute function sync.keep_pruned();`

export async function readDevice(sql: Sql, rows: RowLook): Promise<DeviceLook> {
  const { audiences, epoch } = await readMeta(sql)
  const ids = (await sql.rows('select action_id from sync.receipts')).map(([id]) => String(id))
  const receipts = new Map<string, ReceiptRow>(
    (await receiptsById(sql, ids)).map((row): [Receipt['actionId'], ReceiptRow] => [row.receipt.actionId, row]),
  )
  const [pending, cursors] = [await readPending(sql), await readCursors(sql)]
  return { rows, pending, receipts, cursors, audiences, epoch }
}
