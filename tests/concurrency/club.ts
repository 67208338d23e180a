/**
 * A tiny application for tests of the authority: clubs with money that neither grows nor shrinks, seats for one person
 * each, counters, things that are carried from club to club, and private notes that decide about shared rows.
 *
 * ```
 *  clubs ─ members (grant)   accounts   seats   counters   things ── parts (cascade)     notes (private)   notices (public)
 *                            lists ┄ looks (what each append found)
 * ```
 */
import { sql } from 'drizzle-orm'
import { bigint, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { SyncModel, TablePolicies } from '@/lib/sync/model'
import type { Store } from '@/lib/sync/store/driver'
import { install } from '@/lib/sync/store/install'

const named = 'text collate "C" not null'
const ofClub = `audience ${named} generated always as ('club:' || club_id::text) stored`

const schemaSql = `
create table clubs (
  id uuid primary key, name ${named},
  audience ${named} generated always as ('club:' || id::text) stored,
  unique (id, audience)
);
create table members (
  id uuid primary key, club_id uuid not null, ${ofClub}, user_id ${named}, role ${named},
  unique (audience, user_id),
  foreign key (club_id, audience) references clubs (id, audience)
);
create table accounts (
  id uuid primary key, audience ${named}, name ${named}, balance bigint not null check (balance >= 0),
  unique (audience, name)
);
create table seats (
  id uuid primary key, audience ${named}, place integer not null, user_id ${named},
  unique (audience, place)
);
create table counters (audience ${named}, name ${named}, total bigint not null, primary key (audience, name));
create table things (id uuid primary key, audience ${named}, label ${named}, unique (id, audience));
create table parts (
  id uuid primary key, thing_id uuid not null, audience ${named}, label ${named},
  foreign key (thing_id, audience) references things (id, audience) on delete cascade
);
create table notes (
  id uuid primary key, user_id ${named}, body ${named},
  audience ${named} generated always as ('user:' || user_id) stored
);
create table lists (audience ${named}, name ${named}, items ${named}, primary key (audience, name));
create table looks (
  id uuid primary key, audience ${named}, item ${named}, list ${named}, seen ${named}
);
create table notices (id uuid primary key, audience ${named}, body ${named});
create index members_by_user on members (user_id, audience);`

export const clubs = pgTable('clubs', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  audience: text().generatedAlwaysAs(sql`''`),
})
export const members = pgTable('members', {
  id: uuid().primaryKey(),
  clubId: uuid('club_id').notNull(),
  userId: text('user_id').notNull(),
  role: text().notNull(),
  audience: text().generatedAlwaysAs(sql`''`),
})
export const accounts = pgTable('accounts', {
  id: uuid().primaryKey(),
  audience: text().notNull(),
  name: text().notNull(),
  balance: bigint({ mode: 'number' }).notNull(),
})
export const seats = pgTable('seats', {
  id: uuid().primaryKey(),
  audience: text().notNull(),
  place: integer().notNull(),
  userId: text('user_id').notNull(),
})
export const counters = pgTable(
  'counters',
  { audience: text().notNull(), name: text().notNull(), total: bigint({ mode: 'number' }).notNull() },
  (table) => [primaryKey({ columns: [table.audience, table.name] })],
)
export const things = pgTable('things', {
  id: uuid().primaryKey(),
  audience: text().notNull(),
  label: text().notNull(),
})
export const parts = pgTable('parts', {
  id: uuid().primaryKey(),
  thingId: uuid('thing_id').notNull(),
  audience: text().notNull(),
  label: text().notNull(),
})
export const notes = pgTable('notes', {
  id: uuid().primaryKey(),
  userId: text('user_id').notNull(),
  body: text().notNull(),
  audience: text().generatedAlwaysAs(sql`''`),
})
/** Items separated by spaces, in the order in which they were appended. */
export const lists = pgTable(
  'lists',
  { audience: text().notNull(), name: text().notNull(), items: text().notNull() },
  (table) => [primaryKey({ columns: [table.audience, table.name] })],
)
/** What the append of this item found in a list, its own item included where it was added. */
export const looks = pgTable('looks', {
  id: uuid().primaryKey(),
  audience: text().notNull(),
  item: text().notNull(),
  /** Audience and name. */
  list: text().notNull(),
  seen: text().notNull(),
})
export const notices = pgTable('notices', {
  id: uuid().primaryKey(),
  audience: text().notNull(),
  body: text().notNull(),
})

const isOwner = `audience = any ((select sync.clubs_owned())::text[])`
const isFounded = 'audience = any ((select sync.founded_audiences())::text[])'
const anybody: TablePolicies = { insert: 'true', update: 'true', delete: 'true' }

export const clubModel: SyncModel = {
  tables: [
    'accounts',
    'clubs',
    'counters',
    'lists',
    'looks',
    'members',
    'notes',
    'notices',
    'parts',
    'seats',
    'things',
  ],
  grants: [{ table: 'members', userColumn: 'user_id' }],
  functions: [
    {
      name: 'clubs_owned',
      parameters: '',
      returns: 'text[]',
      sql: `select coalesce(array_agg(members.audience), '{}') from public.members
        where members.user_id = sync.current_user_id() and members.role = 'owner'
          and members.audience = any (sync.current_audiences())`,
    },
  ],
  policies: {
    clubs: { insert: isFounded, update: isOwner },
    members: {
      insert: `${isOwner} or (${isFounded} and user_id = (select sync.current_user_id()))`,
      update: isOwner,
      delete: `${isOwner} or user_id = (select sync.current_user_id())`,
    },
    accounts: anybody,
    seats: anybody,
    counters: anybody,
    lists: anybody,
    looks: anybody,
    things: anybody,
    parts: anybody,
    notes: anybody,
    notices: anybody,
  },
}

/** Makes an empty database into one of this application, as on a server. */
export async function installClub(store: Store): Promise<void> {
  await store.transaction((transaction) => transaction.exec(schemaSql))
  await install(store, clubModel, 'server')
}
