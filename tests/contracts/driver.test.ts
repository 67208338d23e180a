import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyLine } from '@/lib/sync/core/copy-text'
import { type Sql, SqlError, type Store } from '@/lib/sync/store/driver'
import { isInfrastructure } from '@/lib/sync/store/run-action'
import { quoteName, quoteText, textArray } from '@/lib/sync/store/sql-text'
import { drivers, type OpenStore, pgliteDriver, postgresDriver, takenBack } from './stores'

const values: readonly (readonly [sql: string, expected: unknown])[] = [
  ['true', true],
  ['false', false],
  ['(-32768)::int2', -32768],
  ['2147483647::int4', 2147483647],
  ['4294967295::oid', 4294967295],
  ['1.1::float4', 1.1],
  ['0.1::float8', 0.1],
  ["'-0'::float8", -0],
  ["'NaN'::float8", Number.NaN],
  ["'-Infinity'::float4", Number.NEGATIVE_INFINITY],
  ['7::whole', 7],
  ['null::text', null],
  ['null::int4', null],
  ["''::text", ''],
  ["'Ärger 🦊 ''quoted'' \\n'", "Ärger 🦊 'quoted' \\n"],
  ['9007199254740993::int8', '9007199254740993'],
  ['1.50::numeric', '1.50'],
  ["'NaN'::numeric", 'NaN'],
  ["timestamptz '2026-03-01 12:00:00.123456+02'", '2026-03-01 10:00:00.123456+00'],
  ["timestamptz 'infinity'", 'infinity'],
  ["timestamp '2026-03-01 12:00:00.5'", '2026-03-01 12:00:00.5'],
  ["date '2026-03-01'", '2026-03-01'],
  ["time '23:59:59.999999'", '23:59:59.999999'],
  ["interval '1 month -2 days 3 hours'", '1 mon -2 days +03:00:00'],
  ["'\\x00ff'::bytea", '\\x00ff'],
  [`'{"b": 1,  "a": 2}'::json`, '{"b": 1,  "a": 2}'],
  [`'{"b": 1, "a": 2}'::jsonb`, '{"a": 2, "b": 1}'],
  ["'null'::jsonb", 'null'],
  ['array[1, null, 3]::int4[]', '{1,NULL,3}'],
  ["array['a', null, 'NULL', 'b,c']::text[]", '{a,NULL,"NULL","b,c"}'],
  ['array[array[1, 2], array[3, 4]]::int8[]', '{{1,2},{3,4}}'],
  ['array[true, false]', '{t,f}'],
  ["array['2026-03-01']::date[]", '{2026-03-01}'],
  ["'a'::mood", 'a'],
  ["array['a']::mood[]", '{a}'],
  ["'6F9619FF-8B86-D011-B42D-00C04FC964FF'::uuid", '6f9619ff-8b86-d011-b42d-00c04fc964ff'],
  ["'ab'::char(4)", 'ab  '],
  ["inet '10.0.0.1'", '10.0.0.1'],
  ['int4range(1, 5)', '[1,5)'],
  ["B'101'", '101'],
  ['(1, null)', '(1,)'],
]

describe.each(drivers)('the SQL interface on $name', (driver) => {
  let open: OpenStore
  const inTransaction = <Value>(work: (sql: Sql) => Promise<Value>) => takenBack(open.store, work)
  const errorOf = (statement: string, parameters: Parameters<Sql['rows']>[1] = []) =>
    inTransaction((sql) => sql.rows(statement, parameters)).then(
      () => expect.unreachable('the statement should have failed'),
      (error: SqlError) => error,
    )

  beforeAll(async () => {
    open = await driver.open()
    await open.store.transaction((sql) =>
      sql.exec(`
        create type mood as enum ('a', 'b');
        create domain whole as int4 check (value > 0);
        create table parents (id int primary key, name text constraint name_is_short check (length(name) < 5));
        create table children (id int primary key,
          parent int constraint has_parent references parents deferrable initially deferred);
        create table kept (value text)`),
    )
  })
  afterAll(() => open.close())

  it('[SNAP-1] takes rows in the text form of COPY, where devices are', async () => {
    if (open.store.kind === 'postgres') {
      await expect(inTransaction((sql) => sql.copyIn('kept (value)', ''))).rejects.toThrow('Only devices')
      return
    }
    const texts = ['tab\there', 'line\nbreak\r', 'back\\slash \\N', '', 'Ärger 🦊', null, 'x'.repeat(100_000)]
    await inTransaction(async (sql) => {
      await sql.copyIn('kept (value)', texts.map((text) => copyLine([text])).join(''))
      await sql.copyIn('kept (value)', '')
      expect((await sql.rows('select value from kept')).flat()).toEqual(texts)
    })
    const failing = inTransaction((sql) => sql.copyIn('parents (id)', 'no number\n'))
    await expect(failing).rejects.toMatchObject({ name: 'SqlError', code: '22P02' })
    expect(await inTransaction((sql) => sql.rows('select 1'))).toEqual([[1]])
  })

  it('[CAP-1] hands out small numbers and booleans as values and everything else as text', async () => {
    const row = await inTransaction((sql) => sql.rows(`select ${values.map(([sqlText]) => sqlText).join(', ')}`))
    expect(row).toEqual([values.map(([, expected]) => expected)])
    expect(Object.is(row[0]?.[values.findIndex(([, expected]) => Object.is(expected, -0))], -0)).toBe(true)
  })

  it('[CAP-1] hands out the same values when the statement has parameters', async () => {
    const row = await inTransaction((sql) =>
      sql.rows(`select ${values.map(([sqlText]) => sqlText).join(', ')} where $1::boolean`, [true]),
    )
    expect(row).toEqual([values.map(([, expected]) => expected)])
  })

  it('takes parameters as text, whatever the type they are wanted as', async () => {
    const row = await inTransaction((sql) =>
      sql.rows(
        `select $1::int8 + 1, $2::numeric, $3::boolean, $4::float8, $5::bytea, $6::timestamptz, $7::jsonb, $8::text[],
           $9::text, $10::text is null, $11::int4, $12::mood, $13::json, $14::date, $15::text, $16::float8`,
        [
          9007199254740993n,
          '1.500',
          true,
          0.1,
          Uint8Array.of(0, 255, 92),
          new Date('2026-03-01T10:00:00.120Z'),
          '"text"',
          '{a,NULL}',
          "it's",
          undefined,
          null,
          'b',
          '{"a":  1}',
          '2026-03-01',
          42,
          -0,
        ],
      ),
    )
    expect(row[0]?.slice(0, 15)).toEqual([
      '9007199254740994',
      '1.500',
      true,
      0.1,
      '\\x00ff5c',
      '2026-03-01 10:00:00.12+00',
      '"text"',
      '{a,NULL}',
      "it's",
      true,
      null,
      'b',
      '{"a":  1}',
      '2026-03-01',
      '42',
    ])
    expect(Object.is(row[0]?.[15], -0)).toBe(true)
  })

  it('gives rows as objects by name, and as arrays when two columns share a name', async () => {
    await inTransaction(async (sql) => {
      expect(await sql.query('select 1 as a, null as b')).toEqual([{ a: 1, b: null }])
      expect(await sql.rows('select 1 as a, 2 as a, $1 as a', ['3'])).toEqual([[1, 2, '3']])
      expect(await sql.rows('select 1 where false')).toEqual([])
      expect(await sql.query('create temporary table t (id int)')).toEqual([])
    })
  })

  it('[AUD-7] sends one statement per query, several only through exec', async () => {
    expect(await errorOf('select 1; select 2')).toMatchObject({ code: '42601' })
    expect(await errorOf('select $1::int; select 2', [1])).toMatchObject({ code: '42601' })
    await inTransaction(async (sql) => {
      await sql.exec("insert into kept values ('a'); insert into kept values ('b')")
      expect(await sql.rows('select count(*) from kept')).toEqual([['2']])
    })
  })

  it('[TAB-1] errors keep SQLSTATE, detail, constraint, table and statement', async () => {
    const twice = await errorOf('insert into parents values (1, $1), (1, $1)', ['a'])
    expect(twice).toBeInstanceOf(SqlError)
    expect(twice).toMatchObject({
      code: '23505',
      detail: 'Key (id)=(1) already exists.',
      constraint: 'parents_pkey',
      table: 'parents',
      statement: 'insert into parents values (1, $1), (1, $1)',
    })
    expect(await errorOf("insert into parents values (1, 'too long')")).toMatchObject({
      code: '23514',
      constraint: 'name_is_short',
    })
    expect(await errorOf('selec 1')).toMatchObject({ code: '42601', constraint: null, table: null })
    expect(await errorOf('select $1::uuid', ['no uuid'])).toMatchObject({ code: '22P02' })
  })

  it('commits what its work resolves with and rolls back what it throws', async () => {
    const value = await open.store.transaction(async (sql) => {
      await sql.exec("insert into kept values ('committed')")
      return ['any', undefined]
    })
    expect(value).toEqual(['any', undefined])
    const reason = new TypeError('a bug')
    await expect(
      open.store.transaction(async (sql) => {
        await sql.exec("insert into kept values ('lost')")
        throw reason
      }),
    ).rejects.toBe(reason)
    await inTransaction(async (sql) => expect(await sql.rows('select value from kept')).toEqual([['committed']]))
    await open.store.transaction((sql) => sql.exec('delete from kept'))
  })

  it('[ING-6] an error that a savepoint took back does not spoil the transaction', async () => {
    await open.store.transaction(async (sql) => {
      await sql.exec("insert into kept values ('before'); savepoint one")
      await expect(sql.rows('insert into parents values (1, $1)', ['too long'])).rejects.toThrow('name_is_short')
      await sql.exec('rollback to savepoint one; release savepoint one')
      await sql.exec('savepoint two')
      await expect(sql.exec('select 1 / 0')).rejects.toMatchObject({ code: '22012' })
      await sql.exec("rollback to savepoint two; insert into kept values ('after')")
    })
    await inTransaction(async (sql) =>
      expect(await sql.rows('select value from kept order by value')).toEqual([['after'], ['before']]),
    )
    await open.store.transaction((sql) => sql.exec('delete from kept'))
  })

  it('[ING-6] an error that nobody took back fails the transaction, also when it was swallowed', async () => {
    const swallowing = open.store.transaction(async (sql) => {
      await sql.exec("insert into kept values ('gone')")
      await sql.rows('select 1 / 0').catch(() => null)
      return 'done'
    })
    await expect(swallowing).rejects.toMatchObject({ name: 'SqlError', code: '25P02' })
    await inTransaction(async (sql) => expect(await sql.rows('select value from kept')).toEqual([]))
  })

  it('[AUD-7] what the engine quotes comes back as it was: names, texts, lists of texts', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab\'"\\{},; $\n', '$body$', 'NULL', '🦊'), maxLength: 12 })
    await inTransaction((sql) =>
      fc.assert(
        fc.asyncProperty(text, fc.array(text, { maxLength: 4 }), async (one, many) => {
          const rows = await sql.query(
            `select ${quoteText(one)} as ${quoteName(`c${one}`)}, to_json($1::text[])::text as list`,
            [textArray(many)],
          )
          expect(rows).toEqual([{ [`c${one}`]: one, list: expect.any(String) }])
          expect(JSON.parse(String(rows[0]?.list))).toEqual(many)
        }),
      ),
    )
  })

  it('refuses statements of a transaction that has ended', async () => {
    const kept: Sql[] = []
    await open.store.transaction(async (sql) => void kept.push(sql))
    await expect(
      open.store.transaction(async (sql) => {
        kept.push(sql)
        throw new Error('a bug')
      }),
    ).rejects.toThrow('a bug')
    for (const sql of kept) {
      await expect(sql.rows("insert into kept values ('late')")).rejects.toThrow('transaction')
      await expect(sql.query("insert into kept values ('late')")).rejects.toThrow('transaction')
      await expect(sql.exec("insert into kept values ('late')")).rejects.toThrow('transaction')
    }
    await open.store.transaction(async (sql) => {
      await expect(kept[0]?.exec("insert into kept values ('another')")).rejects.toThrow('transaction')
      expect(await sql.rows('select value from kept')).toEqual([])
    })
  })

  it('a deferred constraint fails at commit, with its name', async () => {
    const committing = open.store.transaction((sql) => sql.exec('insert into children values (1, 99)'))
    await expect(committing).rejects.toMatchObject({ name: 'SqlError', code: '23503', constraint: 'has_parent' })
  })

  it('[ING-1] runs at READ COMMITTED, or as asked', async () => {
    const settings = `select current_setting('transaction_isolation'), current_setting('transaction_read_only')`
    const ask = (options?: Parameters<typeof open.store.transaction>[1]) =>
      open.store.transaction((sql) => sql.rows(settings), options)
    expect(await ask()).toEqual([['read committed', 'off']])
    expect(await ask({ isolation: 'repeatable read', readOnly: true })).toEqual([['repeatable read', 'on']])
    await expect(
      open.store.transaction((sql) => sql.exec("insert into kept values ('x')"), { readOnly: true }),
    ).rejects.toMatchObject({ code: '25006' })
    expect(await ask()).toEqual([['read committed', 'off']])
  })

  it('[ING-6] a statement whose answer a migration changed is never wrong: at worst it must be tried again', async () => {
    const ask = () => open.store.transaction((sql) => sql.rows('select * from migrated where $1::boolean', [true]))
    const asking = () => ask().catch((error: unknown) => (isInfrastructure(error) ? ask() : Promise.reject(error)))
    await open.store.transaction((sql) => sql.exec('create table migrated (id int); insert into migrated values (1)'))
    for (let round = 0; round < 3; round += 1) expect(await ask()).toEqual([[1]])
    await open.store.transaction((sql) => sql.exec("alter table migrated add column note text default 'new'"))
    expect(await asking()).toEqual([[1, 'new']])
    await open.store.transaction((sql) => sql.exec('alter table migrated alter column id type bigint'))
    expect(await asking()).toEqual([['1', 'new']])
    await open.store.transaction((sql) => sql.exec('drop table migrated'))
    expect(await asking().catch((error: unknown) => error)).toMatchObject({ code: '42P01' })
  })

  it('[ACT-1] reads and writes values the same way in every transaction', async () => {
    const wanted = [['UTC', 'ISO, YMD', 'postgres', 'hex', '1']]
    const names = ['timezone', 'datestyle', 'intervalstyle', 'bytea_output', 'extra_float_digits']
    const ask = (sql: Sql) => sql.rows(`select ${names.map((name) => `current_setting('${name}')`).join(', ')}`)
    expect(await open.store.transaction(ask)).toEqual(wanted)
    await open.store.transaction(async (sql) => {
      await sql.exec("set local timezone = 'Asia/Kathmandu'; set local bytea_output = 'escape'")
    })
    expect(await open.store.transaction(ask, { isolation: 'repeatable read' })).toEqual(wanted)
  })

  it('runs statements sent at once in their order', async () => {
    const rows = await inTransaction((sql) =>
      Promise.all([
        sql.rows("insert into kept values ('1')"),
        sql.rows('select count(*) from kept where value = $1', ['1']),
        sql.exec("insert into kept values ('2')"),
        sql.rows('select count(*) from kept'),
      ]),
    )
    expect([rows[1], rows[3]]).toEqual([[['1']], [['2']]])
  })

  it('[CAP-1] refuses text that no database takes: NUL and lone surrogates', async () => {
    for (const text of ['a\0b', '\ud83d', 'a\udc00b', '\udc00\ud800']) {
      const error = await errorOf('select $1::text', [text])
      expect(error).toMatchObject({ name: 'SqlError', code: '22021', statement: 'select $1::text' })
    }
    expect(await inTransaction((sql) => sql.rows('select $1::text', ['a 🦊 \u{10ffff}']))).toEqual([
      ['a 🦊 \u{10ffff}'],
    ])
  })
})

describe('the SQL interface on PGlite, which has one connection', () => {
  it('a store made anew over the same database does not meet the statements of the one before', async () => {
    const first = await pgliteDriver.open()
    const ask = (store: Store) => store.transaction((sql) => sql.rows('select $1::text', ['same']))
    for (let round = 0; round < 3; round += 1) await ask(first.store)
    await first.close()
    const second = await pgliteDriver.open()
    for (let round = 0; round < 3; round += 1) expect(await ask(second.store)).toEqual([['same']])
    await second.close()
  })
})

describe('the SQL interface on Postgres, where connections can be lost', () => {
  let open: OpenStore
  beforeAll(async () => {
    open = await postgresDriver.open()
  })
  afterAll(() => open.close())

  const processId = async (sql: Sql) => (await sql.rows('select pg_backend_pid()'))[0]?.[0] as number
  const kill = (id: number) => open.store.transaction((sql) => sql.rows('select pg_terminate_backend($1)', [id]))

  it('[ING-6] a connection lost while a statement runs is an infrastructure error, and the next transaction works', async () => {
    const failed = await open.store
      .transaction(async (sql) => {
        const id = await processId(sql)
        await Promise.all([sql.rows('select pg_sleep(30)'), kill(id)])
      })
      .catch((error: unknown) => error)
    expect(isInfrastructure(failed)).toBe(true)
    expect(await open.store.transaction((sql) => sql.rows('select 1'))).toEqual([[1]])
  })

  it('[ING-6] a connection lost between two statements fails the transaction, and no later statement leaves it', async () => {
    let work: Promise<unknown[]> | undefined
    const transaction = open.store.transaction((sql) => {
      work = (async () => {
        await kill(await processId(sql))
        // As long as it takes until this side has noticed: other transactions answer meanwhile.
        for (let round = 0; round < 20; round += 1) await open.store.transaction((other) => other.rows('select 1'))
        const later = await sql.rows('create table leaked (id int)').catch((error: unknown) => error)
        const latest = await sql.exec('create table leaked (id int)').catch((error: unknown) => error)
        return [later, latest]
      })()
      return work
    })
    expect(isInfrastructure(await transaction.catch((error: unknown) => error))).toBe(true)
    expect((await work)?.map(isInfrastructure)).toEqual([true, true])
    expect(await open.store.transaction((sql) => sql.rows("select to_regclass('leaked')"))).toEqual([[null]])
  })

  it('[ING-1] READ COMMITTED sees what others commit meanwhile, REPEATABLE READ reads one state', async () => {
    await open.store.transaction((sql) => sql.exec('create table seen (id int)'))
    const counts = (isolation: 'read committed' | 'repeatable read') =>
      open.store.transaction(
        async (sql) => {
          const count = async () => (await sql.rows('select count(*) from seen'))[0]?.[0]
          const before = await count()
          await open.store.transaction((other) => other.exec('insert into seen values (1)'))
          return [before, await count()]
        },
        { isolation },
      )
    expect(await counts('read committed')).toEqual(['0', '1'])
    expect(await counts('repeatable read')).toEqual(['1', '1'])
  })

  it('runs transactions side by side', async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(() =>
        open.store.transaction(async (sql) => {
          const id = await processId(sql)
          await sql.rows('select pg_sleep(0.05)')
          return id
        }),
      ),
    )
    expect(new Set(ids).size).toBe(3)
  })
})
