import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Catalog } from '@/lib/sync/store/catalog'
import type { Sql } from '@/lib/sync/store/driver'
import { heldAudiences, missingAudiences } from '@/lib/sync/store/held-audiences'
import { type Acting, act, applied, fixtureCatalog, idOf, nextActionId, type Run, seed, statements, uuid } from './act'
import { model, oddTable, openFixture } from './fixture'
import { otherRoom, q, room, roomSql } from './room'
import { drivers, type OpenStore, takenBack } from './stores'

const odd = `"${oddTable.replaceAll('"', '""')}"`

/** Dora is in no room. */
const users = ['ann', 'ben', 'cleo', 'dora'] as const
type User = (typeof users)[number]
const owner: readonly User[] = ['ann']
const editors: readonly User[] = ['ann', 'ben']
const everybody: readonly User[] = users
const nobody: readonly User[] = []

interface Right {
  readonly insert: (fresh: string) => string
  readonly update: string
  readonly delete: string
  readonly may: { readonly insert: readonly User[]; readonly update: readonly User[]; readonly delete: readonly User[] }
}

/** Per table a statement for each verb, on rows of room 1, and who may run it there: what the policies of the fixture say. */
const rights: Readonly<Record<string, Right>> = {
  rooms: {
    insert: (fresh) => `insert into rooms (id, name) values ('${fresh}', 'x')`,
    update: `update rooms set name = 'x' where id = ${q(1)}`,
    delete: `delete from rooms where id = ${q(1)}`,
    may: { insert: nobody, update: owner, delete: owner },
  },
  members: {
    insert: (fresh) => `insert into members (id, room_id, user_id, role) values ('${fresh}', ${q(1)}, 'eve', 'viewer')`,
    update: `update members set role = 'viewer' where user_id = 'ben'`,
    delete: `delete from members where id = ${q(11)}`,
    may: { insert: owner, update: owner, delete: owner },
  },
  lists: {
    insert: (fresh) =>
      `insert into lists (id, room_id, audience, name, place) values ('${fresh}', ${q(1)}, '${room}', 'x', 99)`,
    update: `update lists set name = 'x' where id = ${q(21)}`,
    delete: `delete from lists where id = ${q(23)}`,
    may: { insert: editors, update: editors, delete: editors },
  },
  cards: {
    insert: (fresh) => `insert into cards (id, room_id, list_id, title) values ('${fresh}', ${q(1)}, ${q(21)}, 'x')`,
    update: `update cards set points = 1 where id = ${q(36)}`,
    delete: `delete from cards where id = ${q(36)}`,
    may: { insert: editors, update: editors, delete: editors },
  },
  tags: {
    insert: () => `insert into tags (card_id, room_id, label) values (${q(36)}, ${q(1)}, 'x')`,
    update: `update tags set weight = 9 where card_id = ${q(31)}`,
    delete: `delete from tags where card_id = ${q(31)}`,
    may: { insert: editors, update: editors, delete: editors },
  },
  slots: {
    insert: (fresh) => `insert into slots values ('${fresh}', '${room}', 99)`,
    update: `update slots set place = 99 where id = ${q(51)}`,
    delete: `delete from slots where id = ${q(51)}`,
    may: { insert: everybody, update: everybody, delete: everybody },
  },
  counters: {
    insert: () => `insert into counters values ('${room}', 'x', 1)`,
    update: `update counters set total = 99 where audience = '${room}'`,
    delete: `delete from counters where audience = '${room}'`,
    may: { insert: editors, update: editors, delete: nobody },
  },
  notes: {
    insert: (fresh) => `insert into notes (id, user_id, body) values ('${fresh}', 'ann', 'x')`,
    update: `update notes set body = 'x' where id = ${q(61)}`,
    delete: `delete from notes where id = ${q(61)}`,
    may: { insert: owner, update: owner, delete: owner },
  },
  kinds: {
    insert: (fresh) => `insert into kinds (id, audience) values ('${fresh}', '${room}')`,
    update: `update kinds set c_text = 'x' where audience = '${room}'`,
    delete: `delete from kinds where audience = '${room}'`,
    may: { insert: everybody, update: everybody, delete: everybody },
  },
  wide: {
    insert: (fresh) => `insert into wide (id, audience) values ('${fresh}', '${room}')`,
    update: `update wide set column_0 = 'x' where audience = '${room}'`,
    delete: `delete from wide where audience = '${room}'`,
    may: { insert: everybody, update: everybody, delete: everybody },
  },
  [oddTable]: {
    insert: () => `insert into ${odd} ("Kéy One", audience, "key 2") values ('x', '${room}', 1)`,
    update: `update ${odd} set "select" = 'x' where audience = '${room}'`,
    delete: `delete from ${odd} where audience = '${room}'`,
    may: { insert: everybody, update: everybody, delete: everybody },
  },
}

const moreRows = `
insert into kinds (id, audience) values (${q(71)}, '${room}'), (${q(72)}, '${otherRoom}');
insert into wide (id, audience) values (${q(71)}, '${room}'), (${q(72)}, '${otherRoom}');
insert into ${odd} ("Kéy One", audience, "key 2") values ('a', '${room}', 1), ('a', '${otherRoom}', 1);`

const verbs = ['insert', 'update', 'delete'] as const
const cases = Object.entries(rights).flatMap(([table, right]) =>
  verbs.flatMap((verb) =>
    users.map((user) => ({ table, verb, user, isAllowed: right.may[verb].includes(user), right })),
  ),
)

describe.each(drivers)('access on $name', (driver) => {
  let open: OpenStore
  let catalog: Catalog
  beforeAll(async () => {
    open = await openFixture(driver)
    catalog = await open.store.transaction(fixtureCatalog)
    await open.store.transaction((sql) => seed(sql, roomSql + moreRows))
  })
  afterAll(() => open.close())
  const test = (name: string, work: (sql: Sql) => Promise<void>) => it(name, () => takenBack(open.store, work))

  /** `changed`: something was written. `filtered`: row-level security hid the row. `refused`: it raised. */
  async function attempt(sql: Sql, text: string | ((fresh: string) => string), acting: Acting): Promise<string> {
    const id = nextActionId()
    const run: Run = async (context) => statements(typeof text === 'string' ? text : text(context.id('room')))(context)
    const outcome = await act(sql, run, { id, catalog, ...acting })
    if (outcome.kind === 'rejected') return outcome.reason === 'not-allowed' ? 'refused' : `error: ${outcome.error}`
    return outcome.patches.length > 0 ? 'changed' : 'filtered'
  }

  it.each(cases)('[AUD-3] $table: $user may $verb: $isAllowed', ({ table, verb, user, isAllowed, right }) =>
    takenBack(open.store, async (sql) => {
      const writes = table === 'notes' ? [`user:${user}`] : [room]
      const result = await attempt(sql, right[verb], { user, writes })
      if (isAllowed) expect(result).toBe('changed')
      else expect(['filtered', 'refused']).toContain(result)
      if (!isAllowed && verb === 'insert') expect(result).toBe('refused')
    }),
  )

  it.each(Object.entries(rights).flatMap(([table, right]) => verbs.map((verb) => ({ table, verb, right }))))(
    '[AUD-3] $table: nobody may $verb rows of an audience that the action only reads, or does not name',
    ({ table, verb, right }) =>
      takenBack(open.store, async (sql) => {
        const own = table === 'notes' ? 'user:ann' : room
        for (const acting of [
          { writes: [otherRoom], reads: [own] },
          { writes: [otherRoom] },
          { writes: [], reads: [own] },
        ]) {
          expect(['filtered', 'refused']).toContain(await attempt(sql, right[verb], { user: 'ann', ...acting }))
        }
      }),
  )

  it.each(Object.keys(rights))(
    '[AUD-3] %s: an action sees the rows of the audiences it named, and no others',
    (table) =>
      takenBack(open.store, async (sql) => {
        const name = `"${table.replaceAll('"', '""')}"`
        const [mine, theirs] = table === 'notes' ? ['user:ann', 'user:ben'] : [room, otherRoom]
        const seen = async (acting: Acting) => {
          const run: Run = ({ db }) => db.execute(`select distinct audience from ${name} order by 1`)
          const { value } = await applied(sql, run, { catalog, user: 'ann', ...acting })
          return (value as string[][]).flat()
        }
        expect(await seen({ writes: [mine] })).toEqual([mine])
        expect(await seen({ writes: [], reads: [theirs] })).toEqual([theirs])
        expect(await seen({ writes: [mine], reads: [theirs] })).toEqual([mine, theirs])
        expect(await seen({ writes: ['user:nobody'] })).toEqual([])
      }),
  )

  test('[AUD-3] a row neither leaves nor enters an audience that the action does not write', async (sql) => {
    const outwards = `update slots set audience = '${otherRoom}', place = 99 where id = ${q(51)}`
    const inwards = `update slots set audience = '${room}', place = 99 where id = ${q(53)}`
    expect(await attempt(sql, outwards, { writes: [room], reads: [otherRoom] })).toBe('refused')
    expect(await attempt(sql, inwards, { writes: [room], reads: [otherRoom] })).toBe('filtered')
    expect(await attempt(sql, outwards, { writes: [room, otherRoom] })).toBe('changed')
  })

  test('[AUD-3] an insert that meets a row in conflict may not reach it across the fence', async (sql) => {
    const upsert = `insert into counters values ('${room}', 'votes', 1) on conflict (audience, name) do update set total = 99`
    expect(await attempt(sql, upsert, { writes: [otherRoom], reads: [room] })).toBe('refused')
    expect(await attempt(sql, upsert, { writes: [room], user: 'cleo' })).toBe('refused')
    expect(await attempt(sql, upsert, { writes: [room], user: 'ben' })).toBe('changed')
  })

  test('[AUD-3] the founder writes the first rows of an audience, once, and nobody else does', async (sql) => {
    const id = nextActionId()
    const founded = `room:${idOf(id, 'room')}`
    const found =
      (member: string): Run =>
      async (context) => {
        await statements(
          `insert into rooms (id, name) values ('${context.id('room')}', 'new')`,
          `insert into members (id, room_id, user_id, role) values ('${context.id('member')}', '${context.id('room')}', '${member}', 'owner')`,
        )(context)
      }
    const acting = { id, catalog, user: 'dora', writes: [founded], founds: ['room'] }
    expect(await act(sql, found('eve'), acting)).toMatchObject({ kind: 'rejected', reason: 'not-allowed' })
    expect(await act(sql, found('dora'), { ...acting, founds: [] })).toMatchObject({ reason: 'not-allowed' })
    expect((await applied(sql, found('dora'), acting)).patches).toHaveLength(2)
    const rename = `update rooms set name = 'mine' where audience = '${founded}'`
    expect(await attempt(sql, rename, { user: 'eve', writes: [founded] })).toBe('refused')
    expect(await attempt(sql, rename, { user: 'dora', writes: [founded] })).toBe('changed')
  })

  test('[AUD-2] who holds which audience follows the granting rows', async (sql) => {
    expect(await heldAudiences(sql, 'ann')).toEqual(['public', room, otherRoom, 'user:ann'].sort())
    expect(await heldAudiences(sql, 'dora')).toEqual(['public', 'user:dora'])
    expect(
      await missingAudiences(sql, 'ben', ['public', room, otherRoom, 'user:ben', 'user:ann', 'room:none']),
    ).toEqual([otherRoom, 'user:ann', 'room:none'])
    await applied(sql, statements(`delete from members where id = ${q(12)}`), { catalog, user: 'ann', writes: [room] })
    expect(await heldAudiences(sql, 'ben')).toEqual(['public', 'user:ben'])
    expect(await missingAudiences(sql, 'ben', [room])).toEqual([room])
  })

  test('[AUD-7] the app role owns nothing, has no powers, and cannot sign in', async (sql) => {
    const [role] = await sql.query(
      `select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolinherit
       from pg_roles where rolname = $1`,
      [catalog.role],
    )
    expect(Object.values(role ?? { missing: true })).toEqual(Array(7).fill(false))
    const owned = await sql.rows(
      `select count(*) from pg_class where relowner = to_regrole($1) union all
       select count(*) from pg_proc where proowner = to_regrole($1) union all
       select count(*) from pg_namespace where nspowner = to_regrole($1) union all
       select count(*) from pg_auth_members where member = to_regrole($1)`,
      [`"${catalog.role}"`],
    )
    expect(owned).toEqual([['0'], ['0'], ['0'], ['0']])
  })

  test('[AUD-7] an action can neither read nor write the tables of the engine, nor any that is not captured', async (sql) => {
    await sql.exec('create table public.other (id int)')
    const tables = await sql.rows(
      `select quote_ident(table_name) from information_schema.tables where table_schema = 'sync' order by 1`,
    )
    expect(tables.flat()).toEqual(
      expect.arrayContaining(['actions', 'ids', 'log', 'meta', 'patches', 'user_audiences']),
    )
    for (const table of [...tables.flat().map((name) => `sync.${name}`), 'public.other']) {
      const writes = [`delete from ${table}`, `insert into ${table} default values`]
      for (const text of [`select * from ${table}`, ...(table === 'sync.user_audiences' ? [] : writes)]) {
        expect(`${text}: ${await attempt(sql, text, { writes: [room] })}`).toBe(`${text}: refused`)
      }
    }
  })

  test('[AUD-7] every captured table has row-level security and its triggers; definer functions fix their search path', async (sql) => {
    const tables = await sql.rows(
      `select c.relname::text, c.relrowsecurity, c.relforcerowsecurity,
         (select string_agg(tgname::text, ' ' order by tgname) from pg_trigger t
          where t.tgrelid = c.oid and not tgisinternal and tgenabled = 'O')
       from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by c.relname`,
    )
    const triggers = 'sync_capture sync_guard sync_keep sync_truncate'
    expect(tables).toEqual([...model.tables].sort(byBytes).map((name) => [name, true, false, triggers]))
    const loose = await sql.rows(
      `select p.oid::regprocedure::text from pg_proc p
       where p.pronamespace in ('sync'::regnamespace, 'public'::regnamespace) and p.prosecdef
         and not exists (select from unnest(p.proconfig) setting where setting ~ '^search_path=pg_catalog(, public)?, pg_temp$')`,
    )
    expect(loose).toEqual([])
    const views = await sql.rows(
      `select relname::text from pg_class where relkind in ('v', 'm')
      and relnamespace in ('sync'::regnamespace, 'public'::regnamespace) and has_table_privilege($1, oid, 'select')`,
      [catalog.role],
    )
    expect(views).toEqual([])
  })

  test('[AUD-3] every captured table has one policy per verb at most, besides the fences', async (sql) => {
    const policies = await sql.rows(
      `select tablename::text, policyname::text, permissive, cmd, roles::text from pg_policies
       where schemaname = 'public' and tablename = 'counters' order by policyname`,
    )
    expect(policies).toEqual([
      ['counters', 'sync_fence_delete', 'RESTRICTIVE', 'DELETE', '{public}'],
      ['counters', 'sync_fence_insert', 'RESTRICTIVE', 'INSERT', '{public}'],
      ['counters', 'sync_fence_update', 'RESTRICTIVE', 'UPDATE', '{public}'],
      ['counters', 'sync_insert', 'PERMISSIVE', 'INSERT', '{public}'],
      ['counters', 'sync_select', 'PERMISSIVE', 'SELECT', '{public}'],
      ['counters', 'sync_update', 'PERMISSIVE', 'UPDATE', '{public}'],
    ])
  })

  test('[AUD-7] a type made in passing cannot stand in for one that capture uses', async (sql) => {
    await sql.exec('create temporary table uuid (id int); create temporary table jsonb (id int)')
    const outcome = await applied(sql, statements(`update slots set place = 99 where id = ${q(51)}`), {
      catalog,
      writes: [room],
    })
    expect(outcome.patches).toMatchObject([{ key: `["${uuid(51)}"]`, after: { place: '99' } }])
  })
})

const byBytes = (left: string, right: string) => (left < right ? -1 : 1)
