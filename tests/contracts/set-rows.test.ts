import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Image } from '@/lib/sync/core/protocol'
import { enterEngine, settleConstraints } from '@/lib/sync/store/action-context'
import type { Catalog } from '@/lib/sync/store/catalog'
import type { Sql } from '@/lib/sync/store/driver'
import { currentRows, type RowTarget, setRows } from '@/lib/sync/store/set-rows'
import { fixtureCatalog, seed, stateBytes, uuid } from './act'
import { openFixture } from './fixture'
import { q, room, roomSql } from './room'
import { drivers, type OpenStore, takenBack } from './stores'

const keyOf = (number: number) => `["${uuid(number)}"]`

describe.each(drivers)('setting rows on $name', (driver) => {
  let open: OpenStore
  let catalog: Catalog
  beforeAll(async () => {
    open = await openFixture(driver)
    catalog = await open.store.transaction(fixtureCatalog)
    await open.store.transaction((sql) => seed(sql, roomSql))
  })
  afterAll(() => open.close())

  const test = (name: string, work: (sql: Sql) => Promise<void>) =>
    it(name, () =>
      takenBack(open.store, async (sql) => {
        await enterEngine(sql)
        await work(sql)
      }),
    )

  async function imageOf(sql: Sql, table: string, key: string): Promise<Image> {
    const [row] = await currentRows(sql, catalog, [{ table, key }])
    return row?.image ?? expect.unreachable(`${table} ${key} is missing`)
  }

  async function settled(sql: Sql, targets: readonly RowTarget[]) {
    await setRows(sql, catalog, targets)
    await settleConstraints(sql)
    const wanted = targets.filter((target) => target.image !== null)
    const rows = await currentRows(sql, catalog, targets)
    const sorted = (list: readonly RowTarget[]) =>
      [...list].sort((a, b) => (a.table + a.key < b.table + b.key ? -1 : 1))
    expect(sorted(rows)).toEqual(sorted(wanted))
  }

  test('[APP-1] deletes, updates and inserts rows of several tables, parents and children in any order', async (sql) => {
    const card = await imageOf(sql, 'cards', keyOf(36))
    const list = await imageOf(sql, 'lists', keyOf(22))
    await settled(sql, [
      { table: 'cards', key: keyOf(77), image: { ...card, id: uuid(77), list_id: uuid(78) } },
      { table: 'cards', key: keyOf(35), image: null },
      { table: 'cards', key: keyOf(36), image: { ...card, title: 'new title' } },
      { table: 'lists', key: keyOf(78), image: { ...list, id: uuid(78), name: 'new', place: '7', rank: null } },
      { table: 'counters', key: JSON.stringify([room, 'none']).replace(',', ', '), image: null },
    ])
  })

  test('[APP-1] rows that are as wanted stay as they are, and deleting an absent row is nothing', async (sql) => {
    const before = await stateBytes(sql)
    await settled(sql, [
      { table: 'cards', key: keyOf(36), image: await imageOf(sql, 'cards', keyOf(36)) },
      { table: 'cards', key: keyOf(999), image: null },
    ])
    await setRows(sql, catalog, [])
    expect(await stateBytes(sql)).toEqual(before)
  })

  test('[ROL-2] deleting a parent leaves the children that were not named, and setting it again keeps them', async (sql) => {
    const before = await stateBytes(sql)
    const list = await imageOf(sql, 'lists', keyOf(21))
    const member = await imageOf(sql, 'members', keyOf(12))
    await setRows(sql, catalog, [
      { table: 'lists', key: keyOf(21), image: null },
      { table: 'members', key: keyOf(12), image: null },
    ])
    expect(await sql.rows(`select count(*) from cards where list_id = ${q(21)}`)).toEqual([['5']])
    expect(await sql.rows(`select count(*) from lists where keeper_id = ${q(12)}`)).toEqual([['1']])
    await setRows(sql, catalog, [
      { table: 'members', key: keyOf(12), image: member },
      { table: 'lists', key: keyOf(21), image: list },
    ])
    await settleConstraints(sql)
    expect(await stateBytes(sql)).toEqual(before)
  })

  test('[ROL-2] a reference left hanging is found when constraints settle, not at the end of the transaction', async (sql) => {
    await setRows(sql, catalog, [{ table: 'cards', key: keyOf(34), image: null }])
    await expect(settleConstraints(sql)).rejects.toMatchObject({ code: '23503', constraint: 'card_blocker' })
  })

  /** Two rows exchange what a constraint keeps unique; which of them is written first must not matter. */
  const exchanges: Readonly<Record<string, { table: string; rows: readonly [number, Image][] }>> = {
    'a unique constraint': {
      table: 'lists',
      rows: [
        [21, { place: '2' }],
        [22, { place: '1' }],
      ],
    },
    'a deferred unique constraint': {
      table: 'lists',
      rows: [
        [21, { rank: '2' }],
        [22, { rank: '1' }],
      ],
    },
    'a unique index on an expression': {
      table: 'lists',
      rows: [
        [21, { name: 'B' }],
        [22, { name: 'a' }],
      ],
    },
    'the condition of a unique index': {
      table: 'lists',
      rows: [
        [21, { is_open: 'true' }],
        [22, { is_open: 'false' }],
        [23, { name: 'B', is_open: 'true' }],
      ],
    },
    'an exclusion constraint': {
      table: 'slots',
      rows: [
        [51, { place: '2' }],
        [52, { place: '1' }],
      ],
    },
    'a unique constraint, in a circle': {
      table: 'lists',
      rows: [
        [21, { place: '2' }],
        [22, { place: '3' }],
        [23, { place: '1' }],
      ],
    },
  }
  const orders = Object.entries(exchanges).flatMap(([constraint, { table, rows }]) => [
    { constraint, table, rows, order: 'as named' },
    { constraint, table, rows: [...rows].reverse(), order: 'in reverse' },
  ])
  it.each(orders)('[ROL-1] rows may change places under $constraint ($order)', ({ table, rows }) =>
    takenBack(open.store, async (sql) => {
      await enterEngine(sql)
      const targets: RowTarget[] = []
      for (const [id, changed] of rows) {
        targets.push({ table, key: keyOf(id), image: { ...(await imageOf(sql, table, keyOf(id))), ...changed } })
      }
      await settled(sql, targets)
    }),
  )

  test('[ROL-1] rows whose unique columns stay are updated in place, not deleted and inserted again', async (sql) => {
    await sql.exec(`
      create table seen (operation text);
      create function note_operation() returns trigger language plpgsql as $$
        begin insert into seen values (tg_op); return null; end $$;
      create trigger sync_test after insert or update or delete on lists
        for each row execute function note_operation();`)
    const list = await imageOf(sql, 'lists', keyOf(21))
    await settled(sql, [
      { table: 'lists', key: keyOf(21), image: { ...list, name: 'renamed', keeper_id: null, is_open: 'false' } },
    ])
    // An open name may collide with another list's: that costs a delete and an insert.
    expect(await sql.rows('select operation from seen')).toEqual([['DELETE'], ['INSERT']])
    await sql.exec('delete from seen')
    await settled(sql, [{ table: 'lists', key: keyOf(21), image: { ...list, name: 'renamed', is_open: 'false' } }])
    expect(await sql.rows('select operation from seen')).toEqual([['UPDATE']])
  })

  test('[DEP-1] a column that an older image lacks has its constant default', async (sql) => {
    await sql.exec(`alter table slots add column colour text collate "C" not null default 'it''s grey',
      add column size numeric(6,2) default 1.5, add column note text collate "C"`)
    const grown = await fixtureCatalog(sql)
    await sql.exec(`update slots set colour = 'red', size = 7, note = 'x'`)
    const older = { audience: room, place: '8' }
    await setRows(sql, grown, [
      { table: 'slots', key: keyOf(51), image: { id: uuid(51), ...older } },
      { table: 'slots', key: keyOf(59), image: { id: uuid(59), ...older, place: '9', size: null } },
    ])
    expect(
      await sql.rows(`select place, colour, size, note from slots where id in (${q(51)}, ${q(59)}) order by place`),
    ).toEqual([
      [8, `it's grey`, '1.50', null],
      [9, `it's grey`, null, null],
    ])
  })

  test('[DEP-1] a column that is no longer there is left out', async (sql) => {
    await settledWithout(sql, { dropped: 'value' })
  })
  async function settledWithout(sql: Sql, extra: Image) {
    const slot = await imageOf(sql, 'slots', keyOf(51))
    await setRows(sql, catalog, [{ table: 'slots', key: keyOf(51), image: { ...slot, place: '33', ...extra } }])
    expect(await imageOf(sql, 'slots', keyOf(51))).toEqual({ ...slot, place: '33' })
  }

  test('[APP-1] three statements per table at most, whatever the number of rows', async (sql) => {
    const counts: number[] = []
    for (const many of [2, 400]) {
      const sent: string[] = []
      const counting: Sql = {
        ...sql,
        query: (statement, parameters) => sql.query(statement, parameters),
        rows: (statement, parameters) => {
          sent.push(statement)
          return sql.rows(statement, parameters)
        },
        exec: (text) => sql.exec(text),
      }
      const ids = Array.from({ length: many }, (_, index) => 1000 + index)
      const slots = ids.map(
        (id): RowTarget => ({
          table: 'slots',
          key: keyOf(id),
          image: { id: uuid(id), audience: room, place: `${id}` },
        }),
      )
      const cards = ids.map((id): RowTarget => ({ table: 'cards', key: keyOf(id), image: null }))
      await setRows(counting, catalog, [...slots, ...cards])
      counts.push(sent.length)
    }
    expect(counts).toEqual([4, 4])
  })
})
