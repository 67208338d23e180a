/**
 * A schema made for the contracts of the store, not for people: every shape of key, constraint, generated column and name
 * that installation admits.
 *
 * ```
 *  rooms ─┬─ members ┄┄(set null)┄┄ lists        slots     exclusion constraint, plain audience
 *         └─ lists ─── cards ─┬─ tags            counters  composite key, bigint
 *                        └────┘ parent, blocker  notes     private
 *            └─── pins (follow their list)
 *  kinds: a column of every type (kinds.ts)      wide      120 columns      Odd "Names": quoting
 * ```
 */
import type { SyncModel, TablePolicies } from '@/lib/sync/model'
import { install } from '@/lib/sync/store/install'
import { kindColumns, kindTypes } from './kinds'
import type { Driver, OpenStore } from './stores'

const text = 'text collate "C"'
const roomAudience = `audience ${text} not null generated always as ('room:' || room_id::text) stored`

export const wideColumns = Array.from({ length: 120 }, (_, index) => `column_${index}`)

export const oddTable = 'Odd "Names"'
/** Names that meet those of the engine's own SQL, and names that need quoting. */
export const oddColumns = [
  'a b',
  'Größe',
  `it's`,
  'say "hi"',
  'select',
  'key',
  'image',
  'before',
  'action',
  't',
  'r',
  '$1',
]

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

export const schemaSql = `
create type room_role as enum ('owner', 'editor', 'viewer');
create table rooms (
  id uuid primary key,
  audience ${text} not null generated always as ('room:' || id::text) stored,
  name ${text} not null,
  unique (id, audience)
);
create table members (
  id uuid primary key,
  room_id uuid not null, ${roomAudience},
  user_id ${text} not null,
  role room_role not null,
  unique (id, audience),
  unique (audience, user_id),
  foreign key (room_id, audience) references rooms (id, audience) on delete cascade
);
create table lists (
  id uuid primary key,
  room_id uuid not null,
  audience ${text} not null,
  name ${text} not null,
  place integer not null,
  rank integer,
  is_open boolean not null default true,
  keeper_id uuid,
  unique (id, audience),
  constraint one_list_per_place unique (audience, place),
  constraint one_list_per_rank unique (audience, rank) deferrable initially deferred,
  foreign key (room_id, audience) references rooms (id, audience) on delete cascade,
  constraint list_keeper foreign key (keeper_id, audience) references members (id, audience)
    on delete set null (keeper_id)
);
create unique index one_open_list_per_name on lists (audience, lower(name)) where is_open;
create table cards (
  id uuid primary key,
  room_id uuid not null, ${roomAudience},
  list_id uuid not null,
  parent_id uuid,
  blocker_id uuid,
  title ${text} not null,
  points integer not null default 0 constraint points_are_few check (points < 1000),
  touched_at timestamptz(3),
  unique (id, audience),
  foreign key (list_id, audience) references lists (id, audience) on delete cascade,
  foreign key (parent_id, audience) references cards (id, audience) on delete cascade,
  constraint card_blocker foreign key (blocker_id, audience) references cards (id, audience)
);
create table tags (
  card_id uuid not null,
  room_id uuid not null, ${roomAudience},
  label ${text} not null,
  weight integer,
  primary key (audience, card_id, label),
  foreign key (card_id, audience) references cards (id, audience) on delete cascade
);
create table pins (
  id uuid primary key,
  audience ${text} not null,
  list_id uuid not null,
  foreign key (list_id, audience) references lists (id, audience) on update cascade on delete cascade
);
create table slots (
  id uuid primary key,
  audience ${text} not null,
  place integer,
  constraint one_per_slot exclude using btree (audience with =, place with =)
);
create table counters (
  audience ${text} not null,
  name ${text} not null,
  total bigint not null,
  primary key (audience, name)
);
create table notes (
  id uuid primary key,
  user_id ${text} not null,
  audience ${text} not null generated always as ('user:' || user_id) stored,
  body ${text} not null
);
${kindTypes}
create table kinds (
  id uuid primary key,
  audience ${text} not null,
  ${kindColumns.map(({ column, type }) => `${column} ${type}`).join(',\n  ')},
  lower_text ${text} generated always as (lower(c_text)) stored,
  doubled numeric generated always as (c_numeric * 2) stored
);
create table wide (
  id uuid primary key,
  audience ${text} not null,
  ${wideColumns.map((name) => `${name} ${text}`).join(',\n  ')}
);
create table ${quoted(oddTable)} (
  "Kéy One" ${text} not null,
  audience ${text} not null,
  "key 2" integer not null,
  ${oddColumns.map((name) => `${quoted(name)} ${text}`).join(',\n  ')},
  primary key ("Kéy One", audience, "key 2")
);`

const withRole = (...roles: readonly string[]) =>
  `audience = any ((select sync.audiences_with_role('{${roles.join(',')}}'))::text[])`
const isOwner = withRole('owner')
const isEditor = withRole('owner', 'editor')
const isFounded = 'audience = any ((select sync.founded_audiences())::text[])'
const isMe = 'user_id = (select sync.current_user_id())'

const editors: TablePolicies = { insert: isEditor, update: isEditor, updateUsing: isEditor, delete: isEditor }
const anybody: TablePolicies = { insert: 'true', update: 'true', delete: 'true' }

export const model: SyncModel = {
  tables: [
    'cards',
    'counters',
    'kinds',
    'lists',
    'members',
    'notes',
    oddTable,
    'pins',
    'rooms',
    'slots',
    'tags',
    'wide',
  ],
  grants: [{ table: 'members', userColumn: 'user_id' }],
  functions: [
    {
      name: 'audiences_with_role',
      parameters: 'roles text[]',
      returns: 'text[]',
      sql: `select coalesce(array_agg(members.audience), '{}') from public.members
        where members.user_id = sync.current_user_id() and members.audience = any (sync.current_audiences())
          and members.role::text = any (roles)`,
    },
  ],
  policies: {
    rooms: { insert: isFounded, update: isOwner, delete: isOwner },
    members: {
      insert: `${isOwner} or (${isFounded} and ${isMe} and role = 'owner')`,
      update: isOwner,
      delete: `${isOwner} or ${isMe}`,
    },
    lists: editors,
    cards: editors,
    tags: editors,
    pins: editors,
    // Nobody may change what nobody may write: a verb without a line is allowed to nobody.
    slots: { insert: 'true', update: 'true', delete: 'true' },
    counters: { insert: isEditor, update: isEditor },
    notes: anybody,
    kinds: anybody,
    wide: anybody,
    [oddTable]: anybody,
  },
}

/** An open database with the fixture's schema, installed as on a server. */
export async function openFixture(driver: Driver): Promise<OpenStore> {
  const open = await driver.open()
  await open.store.transaction((sql) => sql.exec(schemaSql))
  await install(open.store, model, 'server')
  return open
}
