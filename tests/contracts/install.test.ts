import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { migrations as appMigrations } from '@/db/migrations'
import { model as appModel } from '@/db/model'
import type { SyncModel } from '@/lib/sync/model'
import { enterEngine } from '@/lib/sync/store/action-context'
import { readCatalog } from '@/lib/sync/store/catalog'
import type { Sql, Store } from '@/lib/sync/store/driver'
import { install } from '@/lib/sync/store/install'
import { migrate, missingMigrations } from '@/lib/sync/store/migrate'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { refuseUnfit } from '@/lib/sync/store/refusals'
import { rollBack } from '@/lib/sync/store/roll-back'
import { act, applied, nextActionId, seed, statements, uuid } from './act'
import { drivers, emptyingSql, type OpenStore, postgresDriver, takenBack } from './stores'

const text = 'text collate "C"'
const key = `id uuid primary key, audience ${text} not null`
const anybody = { insert: 'true', update: 'true', delete: 'true' }
const modelOf = (tables: readonly string[], more: Partial<SyncModel> = {}): SyncModel => ({
  tables,
  grants: [],
  functions: [],
  policies: Object.fromEntries(tables.map((table) => [table, anybody])),
  ...more,
})
const things = modelOf(['things'])
const both = modelOf(['parents', 'things'])
const parents = `create table parents (${key}, unique (id, audience));`

interface Refusal {
  readonly ddl: string
  readonly says: readonly string[]
  readonly model?: SyncModel
}

/** What is refused, by what is wrong; `says` is in the message: where it is, and what to write instead. */
const refusals: Readonly<Record<string, Refusal>> = {
  'a table that does not exist': { ddl: '', says: ['things does not exist', 'npm run db:migrate'] },
  'a partitioned table': {
    ddl: `create table things (id uuid, audience ${text} not null, primary key (id, audience)) partition by list (audience)`,
    says: ['things is partitioned or inherits', 'plain tables'],
  },
  'a table that inherits': {
    ddl: `create table base (${key}); create table things (primary key (id)) inherits (base)`,
    says: ['things is partitioned or inherits'],
  },
  'a table that others inherit from': {
    ddl: `create table things (${key}); create table child () inherits (things)`,
    says: ['things is partitioned or inherits'],
  },
  'a table without audience': {
    ddl: 'create table things (id uuid primary key)',
    says: ['no column "audience', 'db/columns.ts'],
  },
  'an audience that may be null': {
    ddl: `create table things (id uuid primary key, audience ${text})`,
    says: ['things.audience must be text, not null'],
  },
  'an audience of another type': {
    ddl: 'create table things (id uuid primary key, audience varchar(9) collate "C" not null)',
    says: ['things.audience must be text, not null'],
  },
  'text that sorts by a locale': {
    ddl: `create table things (${key}, name text)`,
    says: ['things.name sorts by a locale', '`text()`'],
  },
  'an array of text that sorts by a locale': {
    ddl: `create table things (${key}, names text[])`,
    says: ['things.names sorts by a locale'],
  },
  'a domain that sorts by a locale': {
    ddl: `create domain loose as text; create table things (${key}, name loose)`,
    says: ['things.name sorts by a locale'],
  },
  money: { ddl: `create table things (${key}, price money)`, says: ['things.price has a type', 'use numeric'] },
  'a name of a database object': {
    ddl: `create table things (${key}, other regclass)`,
    says: ['things.other has a type'],
  },
  'padded text without length': {
    ddl: `create table things (${key}, padded bpchar collate "C")`,
    says: ['things.padded has a type'],
  },
  'an identity column': {
    ddl: `create table things (${key}, n int generated always as identity)`,
    says: ['things.n is an identity or serial column', 'counter row'],
  },
  'a serial column': {
    ddl: `create table things (${key}, n bigserial)`,
    says: ['things.n is an identity or serial column'],
  },
  ...Object.fromEntries(
    [
      ['timestamptz', 'now()'],
      ['timestamptz', 'current_timestamp'],
      ['date', 'current_date'],
      ['timestamp', `timezone('utc', now())`],
      [text, 'clock_timestamp()::text'],
      ['uuid', 'gen_random_uuid()'],
      ['float8', '1 + random()'],
      [text, 'current_user'],
    ].map(([type, value]) => [
      `the default ${value}`,
      {
        ddl: `create table things (${key}, x ${type} default ${value})`,
        says: ['things.x has a default that differs', '`now` or `id()`'],
      },
    ]),
  ),
  'a virtual generated column': {
    ddl: `create table things (${key}, n int, twice int generated always as (n * 2) virtual)`,
    says: ['things.twice is generated VIRTUAL', 'STORED'],
  },
  'a table without key': {
    ddl: `create table things (id uuid, audience ${text} not null)`,
    says: ['things has no primary key', '`id()`'],
  },
  'a key that id() cannot give': {
    ddl: `create table things (id bigint primary key, audience ${text} not null)`,
    says: ['things.id is a single-column key', 'uuid or text'],
  },
  'a composite key without audience': {
    ddl: `create table things (a uuid, b uuid, audience ${text} not null, primary key (a, b))`,
    says: ['things_pkey on things is unique over all audiences'],
  },
  'a unique constraint without audience': {
    ddl: `create table things (${key}, name ${text} unique)`,
    says: ['things_name_key on things is unique over all audiences', 'add the column audience'],
  },
  'a unique index on an expression without audience': {
    ddl: `create table things (${key}, name ${text}); create unique index by_name on things (lower(name)) where name <> ''`,
    says: ['by_name on things is unique over all audiences'],
  },
  'a unique index that only includes the audience': {
    ddl: `create table things (${key}, name ${text}); create unique index by_name on things (name) include (audience)`,
    says: ['by_name on things is unique over all audiences'],
  },
  'an exclusion constraint without audience': {
    ddl: `create table things (${key}, place int, constraint one exclude using btree (place with =))`,
    says: ['one on things is unique over all audiences'],
  },
  'a foreign key that leaves the audience out': {
    ddl: `${parents} create table things (${key}, parent uuid constraint of_parent references parents)`,
    says: ['of_parent on things could join two audiences', '`(id, audience)`'],
    model: both,
  },
  'a foreign key that pairs the audience with something else': {
    ddl: `create table parents (${key}, kind ${text}, unique (id, kind, audience));
      create table things (${key}, parent uuid, kind ${text},
        constraint of_parent foreign key (parent, audience, kind) references parents (id, kind, audience))`,
    says: ['of_parent on things could join two audiences'],
    model: both,
  },
  'a foreign key to a table that is not captured': {
    ddl: `${parents} create table things (${key}, parent uuid,
      constraint of_parent foreign key (parent, audience) references parents (id, audience))`,
    says: ['of_parent on things points at a table that is not captured', 'plain column'],
  },
  'a foreign key from a table that is not captured': {
    ddl: `create table things (${key}); create schema other;
      create table other.sessions (thing uuid constraint of_thing references things on delete cascade)`,
    says: ['of_thing points at things from a table that is not captured', 'plain column'],
  },
  'ON DELETE RESTRICT': {
    ddl: `${parents} create table things (${key}, parent uuid,
      constraint of_parent foreign key (parent, audience) references parents (id, audience) on delete restrict)`,
    says: ['of_parent on things says RESTRICT', 'NO ACTION or CASCADE'],
    model: both,
  },
  'ON UPDATE RESTRICT': {
    ddl: `${parents} create table things (${key}, parent uuid,
      constraint of_parent foreign key (parent, audience) references parents (id, audience) on update restrict)`,
    says: ['of_parent on things says RESTRICT'],
    model: both,
  },
  'a trigger of the application': {
    ddl: `create table things (${key});
      create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger touched before update on things for each row execute function touch()`,
    says: ['Trigger touched on things would run on every replay', 'in the action'],
  },
  'a policy that is not from db/policies.ts': {
    ddl: `create table things (${key}); create policy everybody on things for all using (true)`,
    says: ['Policy everybody on things is not from db/policies.ts'],
  },
  'a table without policies': {
    ddl: `create table things (${key})`,
    says: ['things has no policies', 'db/policies.ts'],
    model: modelOf(['things'], { policies: {} }),
  },
  'policies of a table that is not captured': {
    ddl: `create table things (${key})`,
    says: ['db/policies.ts names others'],
    model: modelOf(['things'], { policies: { things: anybody, others: anybody } }),
  },
  'a grant from a table that is not captured': {
    ddl: `create table things (${key})`,
    says: ['db/audiences.ts grants from members'],
    model: modelOf(['things'], { grants: [{ table: 'members', userColumn: 'user_id' }] }),
  },
}

describe.each(drivers)('what installation refuses, on $name', (driver) => {
  let open: OpenStore
  beforeAll(async () => {
    open = await driver.open()
  })
  afterAll(() => open.close())
  const findings = (sql: Sql, model: SyncModel) =>
    refuseUnfit(sql, model).then(
      () => [],
      (error: { refusals: readonly string[] }) => error.refusals,
    )

  it.each(Object.entries(refusals))(
    '[CAP-2, CX-2b, CX-26, FM-61] %s, once, with what to write instead',
    (_, { ddl, says, model }) =>
      takenBack(open.store, async (sql) => {
        await sql.exec(ddl)
        const [refusal, ...others] = await findings(sql, model ?? things)
        expect(others).toEqual([])
        for (const part of says) expect(refusal).toContain(part)
        expect(refusal).toMatch(/\((ACT|AUD|CAP|MIG)-\d\)\.$|db:migrate`\.$/)
      }),
  )

  it('[CAP-2] accepts what it asks for: plain and generated audiences, constant defaults, unique with audience', () =>
    takenBack(open.store, async (sql) => {
      await sql.exec(`${parents} create type mood as enum ('good');
        create table things (${key}, parent uuid, place int not null default 1 + 2, mood mood default 'good',
          names text[] collate "C" default '{}', doubled int generated always as (place * 2) stored, day date default '2026-01-01',
          price numeric default 1.50, data jsonb default '{"a": 1}', code char(3) collate "C" default 'abc',
          unique (audience, place), unique (id, audience),
          foreign key (parent, audience) references parents (id, audience) on delete set null (parent));
        create unique index by_name on things (audience, lower(names[1])) where place > 0;
        create schema other; create table other.unrelated (id serial primary key, name text default now()::text)`)
      expect(await findings(sql, both)).toEqual([])
    }))

  it('[CAP-2] tells everything that is wrong at once, and leaves nothing installed', async () => {
    await open.store.transaction((sql) => sql.exec('create table things (id serial primary key, name text)'))
    const installing = install(open.store, modelOf(['things', 'nothing']), 'server')
    await expect(installing).rejects.toMatchObject({ name: 'InstallRefused', refusals: { length: 5 } })
    await expect(installing).rejects.toThrow('The schema cannot be captured:\n  - ')
    expect(await open.store.transaction((sql) => sql.rows(`select to_regnamespace('sync')::text`))).toEqual([[null]])
    await open.store.transaction((sql) => sql.exec('drop table things'))
  })
})

const migrations = [
  {
    tag: '0000_first',
    statements: [
      `create table members (${key}, user_id ${text} not null, role ${text} not null)`,
      `create table things (${key}, name ${text} not null)`,
    ],
  },
  {
    tag: '0001_second',
    statements: [
      `alter table things add column colour ${text} not null default 'grey', add column size int`,
      `alter table members alter column role type varchar(9) collate "C"`,
      'alter table members drop column user_id, add column person text collate "C"',
    ],
  },
]
const firstModel = modelOf(['members', 'things'], {
  grants: [{ table: 'members', userColumn: 'user_id', where: `role <> 'gone'` }],
  policies: { members: { insert: `role = 'owner' and user_id = sync.current_user_id()` }, things: anybody },
})
const secondModel: SyncModel = { ...firstModel, grants: [], policies: { members: {}, things: anybody } }

describe.each(drivers)('installation on $name', (driver) => {
  let open: OpenStore
  beforeAll(async () => {
    open = await driver.open()
  })
  afterAll(() => open.close())
  beforeEach(() => open.store.transaction((sql) => sql.exec(emptyingSql)))

  /** What a second installation would have touched: the versions of functions, triggers and policies. */
  const versions = (store: Store) =>
    store.transaction((sql) =>
      sql.rows(`select 'f', oid, xmin::text from pg_proc where pronamespace = 'sync'::regnamespace
        union all select 't', oid, xmin::text from pg_trigger union all select 'p', oid, xmin::text from pg_policy
        union all select 'v', oid, xmin::text from pg_class where relname = 'user_audiences' order by 1, 2`),
    )

  /** What stands there, by name. */
  const described = (store: Store) =>
    store.transaction((sql) =>
      sql.rows(`select 'function', proname::text, '' from pg_proc where pronamespace = 'sync'::regnamespace
        union all select 'trigger', tgname::text, tgrelid::regclass::text from pg_trigger where not tgisinternal
        union all select 'policy', polname::text, polrelid::regclass::text from pg_policy
        union all select 'class', relname::text, concat(relkind, relrowsecurity, cardinality(relacl)) from pg_class
          where relnamespace in ('sync'::regnamespace, 'public'::regnamespace) order by 1, 2, 3`),
    )

  it('[MIG-1, CX-7b] migrations run once, in order; a second installation changes nothing; a migration keeps old images applicable', async () => {
    expect(await missingMigrations(open.store, migrations)).toEqual(['0000_first', '0001_second'])
    expect(await migrate(open.store, migrations.slice(0, 1))).toEqual(['0000_first'])
    await install(open.store, firstModel, 'server')
    const installed = await versions(open.store)
    expect(await migrate(open.store, migrations.slice(0, 1))).toEqual([])
    await install(open.store, firstModel, 'server')
    expect(await versions(open.store)).toEqual(installed)

    const [update, remove] = [nextActionId(), nextActionId()]
    await open.store.transaction(async (sql) => {
      const catalog = await readCatalog(sql, firstModel.tables)
      await seed(sql, `insert into things values ('${uuid(1)}', 'public', 'one'), ('${uuid(2)}', 'public', 'two')`)
      await applied(sql, statements(`update things set name = 'new'`), { id: update, catalog })
      await applied(sql, statements(`delete from things where id = '${uuid(2)}'`), { id: remove, catalog })
    })
    expect(await missingMigrations(open.store, migrations)).toEqual(['0001_second'])
    expect(await migrate(open.store, migrations)).toEqual(['0001_second'])
    await install(open.store, secondModel, 'server')

    await open.store.transaction(async (sql) => {
      const catalog = await readCatalog(sql, secondModel.tables)
      const third = nextActionId()
      const { patches } = await applied(sql, statements(`update things set colour = 'red', size = 5`), {
        id: third,
        catalog,
      })
      expect(patches[0]?.after).toEqual({ id: uuid(1), audience: 'public', name: 'new', colour: 'red', size: '5' })
      await enterEngine(sql)
      await rollBack(sql, catalog, 'all')
      expect(await sql.rows('select name, colour, size from things order by id')).toEqual([
        ['one', 'grey', null],
        ['two', 'grey', null],
      ])
    })
  })

  it('[MIG-1] a start that finds everything as it was left sends nothing that changes it', async () => {
    await migrate(open.store, migrations.slice(0, 1))
    await install(open.store, firstModel, 'device')
    const sent: string[] = []
    const listening: Store = {
      ...open.store,
      transaction: (work, options) =>
        open.store.transaction(
          (sql) =>
            work({
              ...sql,
              exec: (text) => {
                sent.push(text)
                return sql.exec(text)
              },
            }),
          options,
        ),
    }
    await install(listening, firstModel, 'device')
    expect(sent).toEqual([])
    await install(listening, { ...firstModel, grants: [{ table: 'things', userColumn: 'name' }] }, 'device')
    expect(sent).not.toEqual([])
  })

  it.each([
    ['a policy', 'drop policy sync_fence_delete on things'],
    ['the protection of rows', 'alter table things disable row level security'],
    ['a function', 'drop function sync.current_user_id() cascade'],
    ['a table of the engine', 'drop table sync.patches'],
    ['a right', `do $$ begin execute format('revoke select on things from %I', current_database() || '_app'); end $$`],
    ['the mark', "delete from sync.meta where key = 'installed'"],
  ])('[MIG-1] an installation from which somebody took %s is made whole', async (_what, damage) => {
    await migrate(open.store, migrations.slice(0, 1))
    await install(open.store, firstModel, 'device')
    const whole = await described(open.store)
    await open.store.transaction((sql) => sql.exec(damage))
    await install(open.store, firstModel, 'device')
    expect(await described(open.store)).toEqual(whole)
  })

  it('[MIG-1] a migration that fails leaves nothing of itself, and the database as usable as before', async () => {
    await migrate(open.store, migrations.slice(0, 1))
    await install(open.store, firstModel, 'server')
    const broken = {
      tag: '0001_broken',
      statements: ['alter table things add column x int', 'alter table nothing add y int'],
    }
    await expect(migrate(open.store, [...migrations.slice(0, 1), broken])).rejects.toMatchObject({ code: '42P01' })
    expect(await missingMigrations(open.store, [broken])).toEqual(['0001_broken'])
    await open.store.transaction(async (sql) => {
      const catalog = await readCatalog(sql, firstModel.tables)
      expect(catalog.tables.get('things')?.columns).toHaveLength(3)
      const insert = await act(
        sql,
        ({ id, db }) => db.execute(`insert into things values ('${id()}', 'public', 'x')`),
        { catalog },
      )
      expect(insert).toMatchObject({ kind: 'applied', patches: [{ table: 'things' }] })
    })
  })

  it('[ROL-2] foreign keys wait for the end of an action, and the model decides what is installed', async () => {
    await open.store.transaction((sql) =>
      sql.exec(`${parents} create table things (${key}, parent uuid, number int,
        constraint of_parent foreign key (parent, audience) references parents (id, audience) on delete cascade)`),
    )
    await install(open.store, both, 'device')
    const constraints = () =>
      open.store.transaction((sql) =>
        sql.rows(`select conname::text, condeferrable, condeferred from pg_constraint where contype = 'f'`),
      )
    expect(await constraints()).toEqual([['of_parent', true, true]])
    const verbs = () =>
      open.store.transaction((sql) =>
        sql.rows(`select string_agg(policyname, ' ' order by policyname) from pg_policies
          where tablename = 'things' and permissive = 'PERMISSIVE'`),
      )
    expect(await verbs()).toEqual([['sync_delete sync_insert sync_select sync_update']])
    await install(open.store, { ...both, policies: { parents: anybody, things: { insert: 'true' } } }, 'device')
    expect(await verbs()).toEqual([['sync_insert sync_select']])
    const tables = await open.store.transaction((sql) =>
      sql.rows(
        `select string_agg(relname, ' ' order by relname) from pg_class where relnamespace = 'sync'::regnamespace and relkind = 'r'`,
      ),
    )
    await open.store.transaction(async (sql) => {
      const catalog = await readCatalog(sql, both.tables)
      const insert = await act(
        sql,
        ({ id, db }) => db.execute(`insert into things values ('${id()}', 'public', null, 1)`),
        {
          catalog,
        },
      )
      expect(insert).toMatchObject({ kind: 'applied', patches: [{ table: 'things' }] })
    })
    expect(tables[0]?.[0]).toContain('cursors')
    expect(tables[0]?.[0]).not.toContain('log')
  })

  it('[AUD-7] the tracker itself installs, on the server and on a device', async () => {
    await migrate(open.store, appMigrations)
    await install(open.store, appModel, 'server')
    await install(open.store, appModel, 'device')
  })
})

describe('installation on Postgres', () => {
  it('[AUD-7] an owner who may not make roles is told what to ask for, and what it says is enough', async () => {
    const open = await postgresDriver.open()
    const admin = postgres(inject('postgresAdminUrl'), { max: 1, onnotice: () => undefined })
    try {
      const owner = new URL(open.url).username
      await admin.unsafe(`alter role ${owner} nocreaterole`)
      await migrate(open.store, migrations.slice(0, 1))
      const refused: Error = await install(open.store, firstModel, 'server').then(
        () => expect.unreachable('it had no right to'),
        (error) => error,
      )
      expect(refused.message).toContain('Ask an administrator to run:\n  CREATE ROLE')
      const wanted = refused.message.split('\n').filter((line) => line.startsWith('  '))
      expect(wanted).toHaveLength(2)
      await admin.unsafe(wanted.join('\n'))
      await install(open.store, firstModel, 'server')
      await open.store.transaction(async (sql) => {
        const insert = await act(
          sql,
          ({ id, db }) => db.execute(`insert into things values ('${id()}', 'public', 'x')`),
          {
            catalog: await readCatalog(sql, firstModel.tables),
          },
        )
        expect(insert).toMatchObject({ kind: 'applied' })
      })
    } finally {
      await admin.end()
      await open.close()
    }
  })

  it('[MIG-1] two servers that start at once migrate and install once', async () => {
    const open = await postgresDriver.open()
    const second = createPostgresStore(open.url)
    try {
      const start = async (store: Store) => {
        const tags = await migrate(store, migrations.slice(0, 1))
        await install(store, firstModel, 'server')
        return tags
      }
      const tags = await Promise.all([start(open.store), start(second), start(open.store)])
      expect(tags.flat()).toEqual(['0000_first'])
    } finally {
      await second.close()
      await open.close()
    }
  })
})
