/** Reading and writing canonical history: accepted actions, ids, clients and epochs. SQL and nothing else. */

import type { Receipt } from '../../core/protocol'
import type { PlacedAction } from '../../core/replay-set'
import type { Sql } from '../driver'
import { textArray } from '../sql-text'

/** An accepted action as it stands in canonical history. */
export interface AcceptedAction extends PlacedAction {
  readonly name: string
  readonly version: number
  /** Canonical JSON text. */
  readonly input: string
  readonly clientId: string
  readonly ordinal: number
  readonly status: 'applied' | 'rejected'
  readonly reason: string | null
  readonly effect: string | null
  /** Of the server that accepted it. */
  readonly build: string
}

interface ActionRow {
  id: string
  name: string
  version: number
  input: string
  author: string
  client_id: string
  ordinal: string
  clock: string
  writes: string
  reads: string
  status: 'applied' | 'rejected'
  reason: string | null
  effect: string | null
  build: string
}

type PlaceRow = Pick<ActionRow, 'id' | 'clock' | 'author' | 'writes' | 'reads'>

/** Where accepted actions from this clock on stand and what they name, in replay order; the first ones, `limit` at most. */
export async function placesSince(sql: Sql, clock: string, limit: number): Promise<PlacedAction[]> {
  const rows = await sql.query<PlaceRow>(
    'select id, clock, author, writes, reads from sync.actions where clock >= $1 order by clock, id limit $2',
    [clock, limit],
  )
  return rows.map(placeOf)
}

/** The same for those that name one of these audiences, all of them. Cost: by what is kept of these audiences. */
export async function placesNaming(sql: Sql, clock: string, audiences: readonly string[]): Promise<PlacedAction[]> {
  const rows = await sql.query<PlaceRow>(
    `select id, clock, author, writes, reads from sync.actions
     where clock >= $1 and (writes ?| $2::text[] or reads ?| $2::text[]) order by clock, id`,
    [clock, textArray(audiences)],
  )
  return rows.map(placeOf)
}

function placeOf(row: PlaceRow): PlacedAction {
  return { ...row, writes: JSON.parse(row.writes) as string[], reads: JSON.parse(row.reads) as string[] }
}

/** Whole accepted actions, in replay order. */
export async function readAccepted(sql: Sql, ids: readonly string[]): Promise<AcceptedAction[]> {
  if (ids.length === 0) return []
  const rows = await sql.query<ActionRow>(
    `select * from sync.actions where id in (select jsonb_array_elements_text($1::jsonb)::uuid) order by clock, id`,
    [JSON.stringify(ids)],
  )
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    version: row.version,
    input: row.input,
    author: row.author,
    clientId: row.client_id,
    ordinal: Number(row.ordinal),
    clock: row.clock,
    writes: JSON.parse(row.writes) as string[],
    reads: JSON.parse(row.reads) as string[],
    status: row.status,
    reason: row.reason,
    effect: row.effect,
    build: row.build,
  }))
}

export interface KnownId {
  readonly id: string
  readonly hash: string
  readonly author: string
  readonly revision: number
  readonly receipt: Receipt
}

export async function knownIds(sql: Sql, ids: readonly string[]): Promise<Map<string, KnownId>> {
  const rows = await sql.query<{ id: string; hash: string; author: string; revision: string; receipt: string }>(
    `select id, hash, author, revision, receipt from sync.ids
     where id in (select jsonb_array_elements_text($1::jsonb)::uuid)`,
    [JSON.stringify(ids)],
  )
  return new Map(
    rows.map((row) => [
      row.id,
      { ...row, revision: Number(row.revision), receipt: JSON.parse(row.receipt) as Receipt },
    ]),
  )
}

/** Ids that hold these ordinals of this client, by ordinal. */
export async function idsByOrdinal(
  sql: Sql,
  clientId: string,
  ordinals: readonly number[],
): Promise<Map<number, string>> {
  const rows = await sql.query<{ ordinal: string; id: string }>(
    `select ordinal, id from sync.ids where client_id = $1
     and ordinal in (select jsonb_array_elements_text($2::jsonb)::bigint)`,
    [clientId, JSON.stringify(ordinals)],
  )
  return new Map(rows.map((row) => [Number(row.ordinal), row.id]))
}

/** The greatest ordinal a client ever used, also for what was refused. */
export async function lastOrdinal(sql: Sql, clientId: string): Promise<number> {
  const [row] = await sql.query<{ ordinal: string }>(
    'select coalesce(max(ordinal), 0) as ordinal from sync.ids where client_id = $1',
    [clientId],
  )
  return Number(row?.ordinal ?? 0)
}

export interface ClientRow {
  readonly userId: string
  readonly lastOrdinal: number
  /** Empty before the first accepted action. */
  readonly lastClock: string
}

export async function readClient(sql: Sql, clientId: string): Promise<ClientRow | null> {
  const [row] = await sql.query<{ user_id: string; last_ordinal: string; last_clock: string }>(
    'select user_id, last_ordinal, last_clock from sync.clients where client_id = $1',
    [clientId],
  )
  return row ? { userId: row.user_id, lastOrdinal: Number(row.last_ordinal), lastClock: row.last_clock } : null
}

export async function registerClient(
  sql: Sql,
  client: { readonly clientId: string; readonly userId: string; readonly nowMs: number },
): Promise<void> {
  await sql.rows(
    `insert into sync.clients (client_id, user_id, registered_at) values ($1, $2, $3) on conflict (client_id) do nothing`,
    [client.clientId, client.userId, new Date(client.nowMs)],
  )
}

/**
 * Greatest clock of a client's accepted actions with a smaller ordinal; empty when there is none (HLC-4). Receipts tell:
 * they are kept for ever, actions are not.
 */
export async function clockBefore(sql: Sql, clientId: string, ordinal: number): Promise<string> {
  const [row] = await sql.query<{ clock: string | null }>(
    `select max((receipt ->> 'clock') collate "C") as clock from sync.ids where client_id = $1 and ordinal < $2`,
    [clientId, ordinal],
  )
  return row?.clock ?? ''
}

export async function addAccepted(sql: Sql, actions: readonly AcceptedAction[]): Promise<void> {
  const rows = actions.map((action) => ({
    ...action,
    client_id: action.clientId,
    writes: JSON.stringify(action.writes),
    reads: JSON.stringify(action.reads),
  }))
  await sql.rows(
    `insert into sync.actions (id, name, version, input, author, client_id, ordinal, clock, writes, reads, status, reason, effect, build)
     select id, name, version, input, author, client_id, ordinal, clock, writes::jsonb, reads::jsonb, status, reason, effect, build
     from jsonb_to_recordset($1::jsonb) as a(id uuid, name text, version integer, input text, author text, client_id uuid,
       ordinal bigint, clock text, writes text, reads text, status text, reason text, effect text, build text)`,
    [JSON.stringify(rows)],
  )
  await sql.rows(
    `update sync.clients c set last_ordinal = greatest(c.last_ordinal, a.ordinal), last_clock = greatest(c.last_clock, a.clock)
     from (select client_id, max(ordinal) as ordinal, max(clock collate "C") as clock
       from jsonb_to_recordset($1::jsonb) as a(client_id uuid, ordinal bigint, clock text) group by client_id) a
     where c.client_id = a.client_id`,
    [JSON.stringify(rows)],
  )
}

/** What a replay changed in accepted actions. */
export async function reviseAccepted(
  sql: Sql,
  actions: readonly Pick<AcceptedAction, 'id' | 'status' | 'reason' | 'effect'>[],
): Promise<void> {
  if (actions.length === 0) return
  await sql.rows(
    `update sync.actions a set status = r.status, reason = r.reason, effect = r.effect
     from jsonb_to_recordset($1::jsonb) as r(id uuid, status text, reason text, effect text) where a.id = r.id`,
    [JSON.stringify(actions)],
  )
}

export interface IdRow {
  readonly hash: string
  readonly author: string
  readonly ordinal: number
  readonly receipt: Receipt
}

/** Keeps new ids and their receipts for ever, also of refused actions (ING-2). A known id is never written over. */
export async function addReceipts(sql: Sql, rows: readonly IdRow[]): Promise<void> {
  if (rows.length === 0) return
  await sql.rows(
    `insert into sync.ids (id, hash, author, client_id, ordinal, revision, receipt)
     select (receipt ->> 'actionId')::uuid, hash, author, (receipt ->> 'clientId')::uuid, ordinal,
       (receipt ->> 'revision')::bigint, receipt
     from jsonb_to_recordset($1::jsonb) as i(hash text, author text, ordinal bigint, receipt jsonb)`,
    [JSON.stringify(rows)],
  )
}

/** The new receipts of actions whose replay came to something else. */
export async function reviseReceipts(sql: Sql, rows: readonly IdRow[]): Promise<void> {
  if (rows.length === 0) return
  await sql.rows(
    `update sync.ids i set revision = (r.receipt ->> 'revision')::bigint, receipt = r.receipt
     from jsonb_to_recordset($1::jsonb) as r(receipt jsonb) where i.id = (r.receipt ->> 'actionId')::uuid`,
    [JSON.stringify(rows)],
  )
}

/** The identity of this history; made when the first exchange asks (section 6: it changes after a restore). */
export async function readEpoch(sql: Sql): Promise<string | null> {
  const [row] = await sql.query<{ value: string }>("select value from sync.meta where key = 'epoch'")
  return row?.value ?? null
}

export async function createEpoch(sql: Sql, epoch: string): Promise<void> {
  await sql.rows("insert into sync.meta (key, value) values ('epoch', $1) on conflict (key) do nothing", [epoch])
}

/** Receipts of an author, newest first by canonical clock; those without a clock come last. */
export async function latestReceipts(sql: Sql, author: string, limit: number): Promise<Receipt[]> {
  const rows = await sql.query<{ receipt: string }>(
    `select receipt from sync.ids where author = $1 order by receipt ->> 'clock' desc nulls last, id limit $2`,
    [author, limit],
  )
  return rows.map((row) => JSON.parse(row.receipt) as Receipt)
}

/**
 * Receipts of these actions and of everything this client did after an ordinal: what a device needs to know beside rows
 * that it reads while it goes on working (SNAP-1).
 */
export async function receiptsFor(
  sql: Sql,
  author: string,
  { ids, clientId, after }: { readonly ids: readonly string[]; readonly clientId: string; readonly after: number },
): Promise<Receipt[]> {
  const rows = await sql.query<{ receipt: string }>(
    `select receipt from sync.ids where author = $1
       and (id in (select jsonb_array_elements_text($2::jsonb)::uuid) or (client_id = $3 and ordinal > $4)) order by id`,
    [author, JSON.stringify(ids), clientId, after],
  )
  return rows.map((row) => JSON.parse(row.receipt) as Receipt)
}

/** Replays that pushes of this user caused in this hour (HLC-4). */
export async function spentReplays(sql: Sql, userId: string, hour: number): Promise<number> {
  const [row] = await sql.query<{ count: string }>('select count from sync.replays where user_id = $1 and hour = $2', [
    userId,
    hour,
  ])
  return Number(row?.count ?? 0)
}

/** Needs the exclusive lock of the user's own audience. Earlier hours are forgotten. */
export async function chargeReplays(
  sql: Sql,
  userId: string,
  { hour, count }: { readonly hour: number; readonly count: number },
): Promise<void> {
  await sql.rows(
    `insert into sync.replays as r (user_id, hour, count) values ($1, $2, $3) on conflict (user_id) do update
     set hour = excluded.hour, count = excluded.count + case when r.hour = excluded.hour then r.count else 0 end`,
    [userId, hour, count],
  )
}
