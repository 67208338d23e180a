import { sql as drizzleSql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Patch } from '@/lib/sync/core/images'
import type { Image } from '@/lib/sync/core/protocol'
import { enterEngine } from '@/lib/sync/store/action-context'
import type { Sql } from '@/lib/sync/store/driver'
import { rollBack } from '@/lib/sync/store/roll-back'
import { audienceRows, currentRows, type RowTarget, setRows } from '@/lib/sync/store/set-rows'
import { applied, fixtureCatalog, idOf, nextActionId, seed, stateBytes, statements, stateText, uuid } from './act'
import { oddColumns, oddTable, openFixture, wideColumns } from './fixture'
import { kindColumns, kindRows } from './kinds'
import { randomColumns, randomRow } from './random-values'
import { type Driver, drivers, type OpenStore, pgliteDriver, postgresDriver, takenBack } from './stores'

const names = kindColumns.map(({ column }) => column).join(', ')

/** Inserts every value of every type, then moves all values one row on. Deletes leave images before. */
const inserting = (actionId: string) =>
  statements(
    ...kindRows.map(
      (row, index) =>
        `insert into kinds (id, audience, ${names}) values ('${idOf(actionId, `kind ${index}`)}', 'public', ${row.join(', ')})`,
    ),
  )

async function insertKinds(sql: Sql): Promise<{ actionId: string; patches: readonly Patch[] }> {
  const actionId = nextActionId()
  const outcome = await applied(
    sql,
    async (context) => {
      for (const index of kindRows.keys()) context.id(`kind ${index}`)
      await inserting(actionId)(context)
    },
    { id: actionId },
  )
  return { actionId, patches: outcome.patches }
}

async function rotateKinds(sql: Sql, insertedBy: string): Promise<{ actionId: string; patches: readonly Patch[] }> {
  const actionId = nextActionId()
  const outcome = await applied(
    sql,
    statements(
      ...kindRows.map((_, index) => {
        const next = kindRows[(index + 1) % kindRows.length] ?? []
        return `update kinds set (${names}) = row (${next.join(', ')}) where id = '${idOf(insertedBy, `kind ${index}`)}'`
      }),
    ),
    { id: actionId },
  )
  return { actionId, patches: outcome.patches }
}

const onTheWire = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value
const setting = (patches: readonly Patch[]): RowTarget[] =>
  onTheWire(patches).map(({ table, key, after }) => ({ table, key, image: after }))

describe.each(drivers)('capture on $name', (driver) => {
  let open: OpenStore
  beforeAll(async () => {
    open = await openFixture(driver)
  })
  afterAll(() => open.close())
  const test = (name: string, work: (sql: Sql) => Promise<void>) => it(name, () => takenBack(open.store, work))

  test('[CAP-1, FM-75] rolling back insert, update and delete of every type restores each state byte for byte', async (sql) => {
    const catalog = await fixtureCatalog(sql)
    const states = [await stateBytes(sql)]
    const inserted = await insertKinds(sql)
    states.push(await stateBytes(sql))
    const rotated = await rotateKinds(sql, inserted.actionId)
    states.push(await stateBytes(sql))
    const deleted = nextActionId()
    await applied(sql, statements('delete from kinds'), { id: deleted })
    expect(await sql.rows('select count(*) from kinds')).toEqual([['0']])
    await enterEngine(sql)
    for (const actionId of [deleted, rotated.actionId, inserted.actionId]) {
      await rollBack(sql, catalog, [actionId])
      expect(await stateBytes(sql)).toEqual(states.pop())
    }
  })

  test('[CAP-1] an image holds every column as text, SQL null as null, and tells jsonb null from it', async (sql) => {
    const id = uuid(1)
    await seed(
      sql,
      `insert into kinds (id, audience, c_jsonb, c_json, c_bigint, c_numeric, c_timestamptz, c_float8, c_text)
       values ('${id}', 'public', 'null', 'null', 9007199254740993, 1.500, '2026-03-01 12:00:00.123456+05:45', '-0', 'Ä"')`,
    )
    const [row] = await currentRows(sql, await fixtureCatalog(sql), [{ table: 'kinds', key: `["${id}"]` }])
    expect(row?.image).toMatchObject({
      c_jsonb: 'null',
      c_json: 'null',
      c_texts: null,
      c_bigint: '9007199254740993',
      c_numeric: '1.500',
      c_timestamptz: '2026-03-01 06:15:00.123456+00',
      c_float8: '-0',
      c_text: 'Ä"',
      lower_text: 'Ä"',
      doubled: '3.000',
    })
    expect(Object.keys(row?.image ?? {})).toHaveLength(kindColumns.length + 4)
  })

  it('[CAP-1, FM-75] random values survive delete and roll back, and the wire, byte for byte', async () => {
    const catalog = await open.store.transaction(fixtureCatalog)
    await fc.assert(
      fc.asyncProperty(fc.array(randomRow, { minLength: 1, maxLength: 4 }), (rows) =>
        takenBack(open.store, async (sql) => {
          const columns = Object.keys(randomColumns) as (keyof typeof randomColumns)[]
          const { patches } = await applied(
            sql,
            async ({ db, id }) => {
              for (const row of rows) {
                const values = columns.map((column) => {
                  const [before = '', after = ''] = randomColumns[column].split('?')
                  return drizzleSql`${drizzleSql.raw(before)}${row[column]}${drizzleSql.raw(after)}`
                })
                await db.execute(drizzleSql`insert into kinds (id, audience, ${drizzleSql.raw(columns.join(', '))})
                  values (${id()}, 'public', ${drizzleSql.join(values, drizzleSql`, `)})`)
              }
            },
            { catalog },
          )
          const inserted = await stateBytes(sql)
          const removing = nextActionId()
          await applied(sql, statements('delete from kinds'), { id: removing, catalog })
          await enterEngine(sql)
          await rollBack(sql, catalog, [removing])
          expect(await stateBytes(sql)).toEqual(inserted)
          await sql.exec('delete from kinds')
          await setRows(sql, catalog, setting(patches))
          expect(await stateBytes(sql)).toEqual(inserted)
        }),
      ),
      { numRuns: 50 },
    )
  })

  test('[CAP-1] a table of 120 columns is captured whole', async (sql) => {
    const catalog = await fixtureCatalog(sql)
    const actionId = nextActionId()
    const values = wideColumns.map((name) => `'value of ${name}'`)
    await applied(
      sql,
      async ({ db, id }) => {
        await db.execute(drizzleSql.raw(`insert into wide values ('${id('wide')}', 'public', ${values.join(', ')})`))
      },
      { id: actionId },
    )
    const before = await stateBytes(sql)
    const changed = nextActionId()
    const outcome = await applied(sql, statements(`update wide set column_0 = null, column_119 = 'new'`), {
      id: changed,
    })
    expect(Object.keys(outcome.patches[0]?.after ?? {})).toHaveLength(122)
    expect(outcome.patches[0]?.after).toMatchObject({
      column_0: null,
      column_60: 'value of column_60',
      column_119: 'new',
    })
    await enterEngine(sql)
    await rollBack(sql, catalog, [changed])
    expect(await stateBytes(sql)).toEqual(before)
  })

  test('[CAP-1] names that need quoting, or that the engine uses itself, are only names', async (sql) => {
    const catalog = await fixtureCatalog(sql)
    const quote = (name: string) => `"${name.replaceAll('"', '""')}"`
    const values = oddColumns.map((name) => `'${name.replaceAll("'", "''")}'`).join(', ')
    const insert = nextActionId()
    const outcome = await applied(
      sql,
      statements(`insert into ${quote(oddTable)} ("Kéy One", audience, "key 2", ${oddColumns.map(quote).join(', ')})
        values ('k"1''', 'public', 7, ${values})`),
      { id: insert },
    )
    expect(outcome.patches).toEqual([
      {
        table: oddTable,
        key: JSON.stringify([`k"1'`, 'public', '7']).replaceAll('","', '", "'),
        before: null,
        after: {
          'Kéy One': `k"1'`,
          audience: 'public',
          'key 2': '7',
          ...Object.fromEntries(oddColumns.map((name) => [name, name])),
        },
      },
    ])
    const before = await stateBytes(sql)
    const change = nextActionId()
    await applied(sql, statements(`update ${quote(oddTable)} set "key" = 'other', "image" = null`), { id: change })
    const remove = nextActionId()
    await applied(sql, statements(`delete from ${quote(oddTable)}`), { id: remove })
    await enterEngine(sql)
    await rollBack(sql, catalog, [change, remove])
    expect(await stateBytes(sql)).toEqual(before)
  })

  test('[CAP-2] an update that changes nothing leaves no patch', async (sql) => {
    await seed(sql, `insert into slots values ('${uuid(1)}', 'public', 1), ('${uuid(2)}', 'public', null)`)
    const outcome = await applied(
      sql,
      statements(
        'update slots set place = place',
        'update slots set place = 1 where place = 1',
        'delete from slots where false',
      ),
    )
    expect(outcome.patches).toEqual([])
    expect(await sql.rows('select count(*) from sync.patches')).toEqual([['0']])
  })

  test('[CAP-2] changing a key is a delete of the one row and an insert of the other', async (sql) => {
    await seed(sql, `insert into notes (id, user_id, body) values ('${uuid(1)}', 'ann', 'mine')`)
    const catalog = await fixtureCatalog(sql)
    const before = await stateBytes(sql)
    const actionId = nextActionId()
    const outcome = await applied(
      sql,
      async ({ db, id }) => {
        await db.execute(drizzleSql.raw(`update notes set id = '${id('other')}'`))
      },
      { id: actionId, writes: ['user:ann'] },
    )
    const other = idOf(actionId, 'other')
    const image = (key: string): Image => ({ id: key, user_id: 'ann', audience: 'user:ann', body: 'mine' })
    expect(outcome.patches).toEqual([
      { table: 'notes', key: `["${uuid(1)}"]`, before: image(uuid(1)), after: null },
      { table: 'notes', key: `["${other}"]`, before: null, after: image(other) },
    ])
    await enterEngine(sql)
    await rollBack(sql, catalog, [actionId])
    expect(await stateBytes(sql)).toEqual(before)
  })

  test('[CAP-1] currentRows and audienceRows give the images that capture gave', async (sql) => {
    const catalog = await fixtureCatalog(sql)
    const { patches } = await insertKinds(sql)
    await enterEngine(sql)
    const wanted = patches.map(({ table, key, after }) => ({ table, key, image: after }))
    const sorted = (rows: readonly RowTarget[]) => [...rows].sort((a, b) => (a.key < b.key ? -1 : 1))
    expect(sorted(await audienceRows(sql, catalog, 'public'))).toEqual(sorted(wanted))
    expect(sorted(await currentRows(sql, catalog, [...wanted, { table: 'kinds', key: `["${uuid(99)}"]` }]))).toEqual(
      sorted(wanted),
    )
    expect(await audienceRows(sql, catalog, 'user:ann')).toEqual([])
  })
})

describe('images between databases', () => {
  let stores: ReadonlyMap<Driver, OpenStore>
  beforeAll(async () => {
    stores = new Map([
      [pgliteDriver, await openFixture(pgliteDriver)],
      [postgresDriver, await openFixture(postgresDriver)],
    ])
  })
  afterAll(() => Promise.all([...stores.values()].map((open) => open.close())))
  const storeOf = (driver: Driver) => stores.get(driver)!.store

  const ways: readonly (readonly [Driver, Driver])[] = drivers.flatMap((from) =>
    drivers.map((to) => [from, to] as const),
  )
  it.each(ways.map(([from, to]) => ({ from, to })))(
    '[APP-1] images captured on $from.name, sent as JSON, make equal rows on $to.name',
    async ({ from, to }) => {
      const captured = await takenBack(storeOf(from), async (sql) => {
        const inserted = await insertKinds(sql)
        const afterInsert = await stateText(sql)
        const rotated = await rotateKinds(sql, inserted.actionId)
        return { inserted, afterInsert, rotated, afterRotate: await stateText(sql) }
      })
      await takenBack(storeOf(to), async (sql) => {
        const catalog = await fixtureCatalog(sql)
        await enterEngine(sql)
        await setRows(sql, catalog, setting(captured.inserted.patches))
        expect(await stateText(sql)).toEqual(captured.afterInsert)
        await setRows(sql, catalog, setting(captured.rotated.patches))
        expect(await stateText(sql)).toEqual(captured.afterRotate)
        await setRows(
          sql,
          catalog,
          setting(captured.inserted.patches).map((target) => ({ ...target, image: null })),
        )
        expect(await sql.rows('select count(*) from kinds')).toEqual([['0']])
        await setRows(sql, catalog, setting(captured.rotated.patches))
        expect(await stateText(sql)).toEqual(captured.afterRotate)
      })
    },
  )
})
