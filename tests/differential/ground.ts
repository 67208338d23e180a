/**
 * The ground on which one statement is sent to two engines: a few captured tables, rows that are hard to sort, and a
 * question asked as an action asks it, under row-level security, captured, with constraints checked at its end.
 *
 * ```
 *  items  one row per awkward text, a column per type ─── parts  children, cascade        marks  composite key
 * ```
 */
import { sql as drizzleSql } from 'drizzle-orm'
import { pgTable } from 'drizzle-orm/pg-core'
import { text } from '@/db/columns'
import type { SyncModel } from '@/lib/sync/model'
import { type Catalog, readCatalog } from '@/lib/sync/store/catalog'
import { SqlError, type SqlValue, type Store } from '@/lib/sync/store/driver'
import { install } from '@/lib/sync/store/install'
import { act, seed, uuid } from '../contracts/act'
import { type Driver, takenBack } from '../contracts/stores'

/** A statement an action might send. `$id` stands for an id of the action, in quotes. */
export interface Statement {
  readonly sql: string
  /** SQLSTATE of the error it must end with, and the constraint that the error names. */
  readonly fails?: readonly [code: string, constraint?: string]
}

/** Statements that belong together; a text alone must succeed. */
export interface Chapter {
  readonly name: string
  readonly statements: readonly (string | Statement)[]
}

/** As tables of an app write it. */
const textType = pgTable('columns', { text: text('text') }).text.getSQLType()

const schemaSql = `
create type size as enum ('small', 'Medium', 'large');
create domain short_code as text collate "C" constraint code_is_short check (length(value) < 6);
create table items (
  id uuid primary key,
  audience ${textType} not null,
  name ${textType} not null,
  place integer not null constraint place_is_small check (place between 0 and 999),
  price numeric(8,2),
  weight double precision,
  size size,
  due timestamptz(3),
  day date,
  is_open boolean,
  tags ${textType.replace('text', 'text[]')},
  data jsonb,
  raw json,
  bytes bytea,
  label varchar(8) collate "C",
  code short_code,
  count integer,
  total bigint,
  lower_name ${textType} generated always as (lower(name)) stored,
  unique (id, audience),
  constraint one_item_per_place unique (audience, place)
);
create table parts (
  id uuid primary key,
  audience ${textType} not null,
  item_id uuid not null,
  title ${textType} not null,
  amount bigint not null default 0,
  unique (id, audience),
  constraint part_of_item foreign key (item_id, audience) references items (id, audience) on delete cascade
);
create table marks (
  audience ${textType} not null,
  name ${textType} not null,
  value integer,
  at timestamptz,
  primary key (audience, name)
);`

const open = { insert: 'true', update: 'true', delete: 'true' }
const model: SyncModel = {
  tables: ['items', 'marks', 'parts'],
  grants: [{ table: 'marks', userColumn: 'name' }],
  functions: [],
  policies: { items: { ...open, insert: `name <> 'forbidden'` }, marks: open, parts: open },
}

/** Cases, accents, scripts, digits, marks and signs that languages sort each in its own way, and bytes in one. */
export const awkwardTexts = [
  ...['apple', 'Apple', 'APPLE', 'Banana', 'banana', 'äpfel', 'Äpfel', 'zebra', 'Zebra', 'Zürich', 'straße', 'STRASSE'],
  ...[
    'STRAẞE',
    'ωmega',
    'Ωmega',
    'σίσυφος',
    'жук',
    'Ёлка',
    'елка',
    '中文',
    '日本',
    '🦊',
    '👩‍👩‍👧',
    'é',
    'e\u0301',
    'Éa',
    'eb',
  ],
  ...[
    '_x',
    '-x',
    ' x',
    'x y',
    'x-y',
    'xy',
    '10',
    '9',
    '09',
    'İ',
    'ı',
    'i',
    'I',
    'ǆ',
    'ﬁ',
    '',
    "it's",
    '100%',
    'a_b',
    'a\\b',
  ],
]

const quoted = (value: string) => `'${value.replaceAll("'", "''")}'`
const rowSql = (name: string, index: number) => {
  const own = index % 5 === 4 ? 'null' : null
  return `(${[
    quoted(uuid(0x100 + ((index * 37) % 101))),
    quoted(index % 9 === 8 ? 'club:2' : 'club:1'),
    quoted(name),
    index,
    own ?? (index * 3.37 - 20).toFixed(2),
    own ?? ["'NaN'", "'-0'", "'Infinity'", '0.1', '1e-7', '1e21', '0.30000000000000004'][index % 7],
    own ?? ["'large'", "'small'", "'Medium'"][index % 3],
    own ?? `timestamptz '2026-03-29 00:59:59.987+00' + ${index} * interval '13 hours 7 minutes 0.001 seconds'`,
    own ?? `date '2024-01-31' + ${index * 29}`,
    own ?? index % 2 === 0,
    own ?? `array[${quoted(name)}, 'b', null, 'A']`,
    own ??
      `jsonb_build_object('name', ${quoted(name)}, 'n', ${index}.50, 'deep', jsonb_build_object('list', jsonb_build_array(${index}, null, 'x')))`,
    own ?? `'{"b": ${index},  "a": [1.0, 2e2], "b": null}'`,
    own ?? `convert_to(${quoted(name)}, 'UTF8')`,
    own ?? quoted(`l${index % 4}`),
    own ?? quoted(`c${index % 3}`),
    own ?? (index % 6) - 2,
    own ?? `9007199254740993 + ${index}`,
  ].join(', ')})`
}

const seedSql = `
insert into items (id, audience, name, place, price, weight, size, due, day, is_open, tags, data, raw, bytes, label, code,
  count, total) values ${awkwardTexts.map(rowSql).join(',\n')};
insert into parts (id, audience, item_id, title, amount)
  select ('00000000-0000-4000-a000-' || lpad((place * 10 + n)::text, 12, '0'))::uuid, audience, id, name || n, place * n
  from items, generate_series(1, 3) n where place % 4 <> 0;
insert into marks select 'club:' || (1 + n % 2), 'm' || n, nullif(n, 5), timestamptz '2026-01-31 12:00+00' + n * interval '1 month'
  from generate_series(1, 8) n;
insert into items (id, audience, name, place) values ('${uuid(0x999)}', 'club:3', 'unseen', 1);`

/** One of the engines, ready to be asked. */
export interface Ground {
  readonly store: Store
  ask(statement: Statement): Promise<string>
  close(): Promise<void>
}

export async function openGround(driver: Driver): Promise<Ground> {
  const { store, close } = await driver.open()
  await store.transaction((sql) => sql.exec(schemaSql))
  await install(store, model, 'server')
  await store.transaction((sql) => seed(sql, seedSql))
  // Nothing analyses tables in PGlite: on purpose the two make different plans for the same statement.
  if (store.kind === 'postgres') await store.transaction((sql) => sql.exec('analyze'))
  const catalog = await store.transaction((sql) => readCatalog(sql, model.tables))
  return { store, close, ask: (statement) => ask(store, catalog, statement) }
}

const actionId = uuid(0xac)

/**
 * Everything an action could notice, and everything the engine would tell others, as one text: the rows, for a select
 * also the text of each row, and what was captured. An error is its SQLSTATE with the constraint it names. In which order
 * rows are written, and so returned and captured, is a matter of the plan: of those that write, the rows are sorted.
 */
function ask(store: Store, catalog: Catalog, { sql: text }: Statement): Promise<string> {
  return takenBack(store, async (sql) => {
    const lines: string[] = []
    const outcome = await act(
      sql,
      async ({ db, id }) => {
        const statement = text.replaceAll('$id', () => quoted(id()))
        const send = async (each: string) => (await db.execute(drizzleSql.raw(each))) as unknown as Rows
        const rows = await send(statement)
        lines.push(...rows.map((row) => row.map(printed).join(' | ')))
        if (!/^select/i.test(text)) return
        const whole = await send(`select whole::text from (${statement}) whole`)
        lines.push('as text', ...whole.map(([row]) => String(row)))
      },
      { id: actionId, catalog, user: 'ann', writes: ['club:1'], reads: ['club:2'] },
    )
    if (outcome.kind === 'rejected') return errorText(outcome.error)
    if (outcome.patches.length === 0) return lines.join('\n')
    const captured = outcome.patches.map((patch) => JSON.stringify(patch))
    return [...lines.sort(), 'captured', ...captured.sort()].join('\n')
  })
}

type Rows = readonly (readonly SqlValue[])[]

function errorText(error: Error | null): string {
  if (!(error instanceof SqlError)) return `no error of the database: ${error?.message}`
  return ['error', error.code, error.constraint].filter((part) => part !== null).join(' ')
}

/** Numbers as they are: JSON knows neither NaN nor -0. */
function printed(value: SqlValue): string {
  return typeof value === 'number' ? (Object.is(value, -0) ? '-0' : String(value)) : JSON.stringify(value)
}
