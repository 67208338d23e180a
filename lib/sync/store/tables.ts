/**
 * The engine's own schema, `sync`. Snake case lives here and in the SQL next to it, nowhere else.
 *
 * ```
 *  both            server                                   device
 *  meta            ids ── actions          audiences        pending
 *  patches          │        │                │             cursors
 *                 clients    └─ log (audience, seq) ─┘      receipts
 *                           grants (since which number) · replays (per user and hour)
 * ```
 */

const shared = `
create schema if not exists sync;
create table if not exists sync.meta (
  key text primary key,
  value text not null
);
create table if not exists sync.patches (
  action_id uuid not null,
  ordinal bigint generated always as identity,
  table_name text not null,
  row_key text not null,
  before jsonb,
  after jsonb,
  primary key (action_id, ordinal)
);`

/** Server: canonical history. Ids are kept for ever, with the receipt, also of refused actions (ING-2). */
export const serverTables = `${shared}
create table if not exists sync.clients (
  client_id uuid primary key,
  user_id text not null,
  registered_at timestamptz not null,
  last_ordinal bigint not null default 0,
  last_clock text collate "C" not null default ''
);
create table if not exists sync.ids (
  id uuid primary key,
  hash text not null,
  author text not null,
  client_id uuid not null,
  ordinal bigint not null,
  revision bigint not null,
  receipt jsonb not null
);
create index if not exists ids_by_client on sync.ids (client_id, ordinal);
drop index if exists sync.ids_by_author;
create index if not exists ids_latest_of_author on sync.ids (author, (receipt ->> 'clock') desc nulls last, id);
create table if not exists sync.actions (
  id uuid primary key,
  name text not null,
  version integer not null,
  input text not null,
  author text not null,
  client_id uuid not null,
  ordinal bigint not null,
  clock text collate "C" not null,
  writes jsonb not null,
  reads jsonb not null,
  status text not null,
  reason text,
  effect text,
  build text not null default ''
);
alter table sync.actions add column if not exists build text not null default '';
create index if not exists actions_in_replay_order on sync.actions (clock, id);
create index if not exists actions_by_client on sync.actions (client_id, ordinal);
create index if not exists actions_writing on sync.actions using gin (writes) with (fastupdate = off);
create index if not exists actions_reading on sync.actions using gin (reads) with (fastupdate = off);
create table if not exists sync.audiences (
  audience text collate "C" primary key,
  head bigint not null default 0,
  head_token text not null default '',
  floor bigint not null default 0,
  floor_token text not null default '',
  sealed_until text collate "C" not null default '',
  last_stamp bigint not null default 0,
  max_clock text collate "C" not null default ''
);
create table if not exists sync.log (
  audience text collate "C" not null,
  seq bigint not null,
  token text not null,
  previous_token text not null,
  stamp bigint not null,
  place integer not null,
  ingest uuid not null,
  kind text not null,
  action jsonb,
  causes jsonb not null default '[]',
  changes jsonb not null default '[]',
  receipts jsonb not null default '[]',
  primary key (audience, seq)
);
create table if not exists sync.grants (
  user_id text not null,
  audience text collate "C" not null,
  since bigint not null,
  primary key (user_id, audience)
);
create table if not exists sync.replays (
  user_id text primary key,
  hour bigint not null,
  count bigint not null
);`

/**
 * Device: pending actions with what their last run here did, how far each audience was read, and what became of
 * actions. `shown` is what the author sees of the rows an action changed; `effect` the hash of it (REC-3); `value` what
 * its first run answered, for a caller who has not heard it (TAB-1).
 */
export const deviceTables = `${shared}
create table if not exists sync.pending (
  id uuid primary key,
  name text not null,
  version integer not null,
  input text not null,
  ordinal bigint not null,
  clock text collate "C" not null,
  place text not null,
  was_confirmed boolean not null,
  may_be_rejected boolean not null,
  hold jsonb,
  failures integer not null,
  effect text,
  shown jsonb
);
alter table sync.pending add column if not exists value text;
create index if not exists pending_by_ordinal on sync.pending (ordinal);
create table if not exists sync.cursors (
  audience text collate "C" primary key,
  seq bigint not null,
  token text not null,
  stamp bigint not null
);
create table if not exists sync.receipts (
  action_id uuid primary key,
  revision bigint not null,
  receipt jsonb not null,
  clock text collate "C" not null default '',
  input text,
  effect text,
  shown jsonb,
  difference jsonb,
  told text,
  is_settled boolean not null default false,
  is_seen boolean not null default true
);
alter table sync.receipts add column if not exists value text;
create index if not exists receipts_by_clock on sync.receipts (clock);
create index if not exists receipts_unsettled on sync.receipts (action_id) where not is_settled;`
