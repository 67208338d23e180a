import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { netChanges, type Patch } from '@/lib/sync/core/images'
import { enterEngine, settleConstraints } from '@/lib/sync/store/action-context'
import type { Catalog } from '@/lib/sync/store/catalog'
import type { Sql } from '@/lib/sync/store/driver'
import { dropPatches, rollBack } from '@/lib/sync/store/roll-back'
import { setRows } from '@/lib/sync/store/set-rows'
import { act, fixtureCatalog, nextActionId, type Run, seed, stateBytes, statements } from './act'
import { openFixture } from './fixture'
import { freshKeys } from './random-changes'
import { otherRoom, q, room, roomSql } from './room'
import { drivers, type OpenStore, takenBack } from './stores'

/** What one action may do to the room, by the sentence of its test. */
const battery: Readonly<Record<string, (fresh: string) => readonly string[]>> = {
  'a cascade restores the children the parent took along': () => [`delete from lists where id = ${q(21)}`],
  'a cascade through a tree restores every level': () => [`delete from cards where id = ${q(31)}`],
  'the end of a whole room restores all that lived in it': () => [`delete from rooms where id = ${q(1)}`],
  'SET NULL restores the references': () => [`delete from members where id = ${q(12)}`],
  'a unique swap restores both values': () => [
    `update lists set place = -1 where id = ${q(21)}`,
    `update lists set place = 1 where id = ${q(22)}`,
    `update lists set place = 2 where id = ${q(21)}`,
  ],
  'a swap under a deferred unique constraint restores both values': () => [
    `update lists set rank = 3 - rank where id in (${q(21)}, ${q(22)})`,
  ],
  'an open name taken over by the next list restores whose it was': () => [
    `update lists set is_open = false where id = ${q(21)}`,
    `update lists set name = 'a' where id = ${q(22)}`,
  ],
  'an open name taken over by the list before restores whose it was': () => [
    `update lists set is_open = false where id = ${q(22)}`,
    `update lists set name = 'b' where id = ${q(21)}`,
  ],
  'open names that went round restore whose each was': () => [
    `update lists set is_open = false where id = ${q(21)}`,
    `update lists set name = 'a', place = 9 where id = ${q(22)}`,
    `update lists set name = 'b' where id = ${q(23)}`,
  ],
  'a swap under an exclusion constraint restores both places': () => [
    `update slots set place = null where id = ${q(51)}`,
    `update slots set place = 1 where id = ${q(52)}`,
    `update slots set place = 2 where id = ${q(51)}`,
  ],
  're-parenting before the old parent is deleted restores parent and children': () => [
    `update cards set list_id = ${q(22)} where list_id = ${q(21)}`,
    `update cards set parent_id = null where id = ${q(32)}`,
    `delete from cards where id = ${q(31)}`,
    `delete from lists where id = ${q(21)}`,
  ],
  'turning a tree upside down restores it': () => [
    `update cards set parent_id = null where id = ${q(32)}`,
    `update cards set parent_id = ${q(33)} where id = ${q(31)}`,
    `update cards set parent_id = ${q(31)} where id = ${q(32)}`,
    `update cards set parent_id = null where id = ${q(33)}`,
  ],
  'delete and insert of the same id restores the first row': () => [
    `delete from cards where id = ${q(36)}`,
    `insert into cards (id, room_id, list_id, title, points) values (${q(36)}, ${q(1)}, ${q(23)}, 'again', 0)`,
  ],
  'deleting a parent and inserting it again restores the children it took along': () => [
    `delete from lists where id = ${q(21)}`,
    `insert into lists (id, room_id, audience, name, place) values (${q(21)}, ${q(1)}, '${room}', 'again', 8)`,
  ],
  'a reference that waits for the end of the action restores what stood before': (fresh) => [
    `update cards set blocker_id = '${fresh}' where id = ${q(36)}`,
    `insert into cards (id, room_id, list_id, title) values ('${fresh}', ${q(1)}, ${q(22)}, 'blocker')`,
    `delete from cards where id = ${q(34)}`,
    `update cards set blocker_id = null where id = ${q(35)}`,
  ],
  'a row that changed its audience restores it': () => [
    `update slots set audience = '${otherRoom}', place = 5 where id = ${q(51)}`,
    `update slots set audience = '${room}', place = 9 where id = ${q(53)}`,
  ],
  'a card carried to another room with its tags restores both rooms': () => [
    `delete from tags where card_id = ${q(36)}`,
    `update cards set room_id = ${q(2)}, list_id = ${q(41)} where id = ${q(36)}`,
    `insert into tags (card_id, room_id, label) values (${q(36)}, ${q(2)}, 'red')`,
  ],
  'a composite key that changed restores the old row': () => [
    `update tags set label = 'green', weight = null where card_id = ${q(31)}`,
    `update counters set name = 'other' where audience = '${room}'`,
  ],
  'many changes of one row restore the first image': () => [
    `update counters set total = total + 1`,
    `update counters set total = 9007199254740993`,
    `delete from tags where weight = 3`,
    `update counters set total = -1`,
  ],
  'what ended as it began changes nothing': () => [
    `update counters set total = total + 1`,
    `update counters set total = total - 1`,
    `delete from slots where id = ${q(51)}`,
    `insert into slots values (${q(51)}, '${room}', 1)`,
  ],
}

describe.each(drivers)('roll back on $name', (driver) => {
  let open: OpenStore
  let catalog: Catalog
  beforeAll(async () => {
    open = await openFixture(driver)
    catalog = await open.store.transaction(fixtureCatalog)
    await open.store.transaction((sql) => seed(sql, roomSql))
  })
  afterAll(() => open.close())
  const test = (name: string, work: (sql: Sql) => Promise<void>) => it(name, () => takenBack(open.store, work))

  /** An action of ann, who owns both rooms. `texts` may insert ids that `id()` gives for `freshKeys`. */
  async function changing(sql: Sql, texts: (fresh: readonly string[]) => readonly string[]) {
    const id = nextActionId()
    const run: Run = async (context) => statements(...texts(freshKeys.map((key) => context.id(key))))(context)
    const outcome = await act(sql, run, { id, catalog, user: 'ann', writes: [room, otherRoom] })
    return { id, outcome, patches: outcome.kind === 'applied' ? outcome.patches : [] }
  }

  async function rollBackAll(sql: Sql, ids: readonly string[] | 'all') {
    await enterEngine(sql)
    await rollBack(sql, catalog, ids)
    await settleConstraints(sql)
    await dropPatches(sql, ids)
  }

  it.each(Object.entries(battery))(
    '[ROL-1, FM-76] rolling back %s, and applying its net changes brings it back',
    (_, texts) =>
      takenBack(open.store, async (sql) => {
        const before = await stateBytes(sql)
        const { id, outcome, patches } = await changing(sql, ([fresh = '']) => texts(fresh))
        expect(outcome).toMatchObject({ kind: 'applied' })
        const after = await stateBytes(sql)
        await rollBackAll(sql, [id])
        expect(await stateBytes(sql)).toEqual(before)
        await setRows(sql, catalog, targetsOf(patches))
        await settleConstraints(sql)
        expect(await stateBytes(sql)).toEqual(after)
      }),
  )

  test('[ROL-1] rolling back several actions restores the state before the first, in one net change', async (sql) => {
    const before = await stateBytes(sql)
    const texts = [battery['a unique swap restores both values'], battery['SET NULL restores the references']]
    const first = await changing(sql, () => [`update lists set place = 10 where id = ${q(23)}`])
    const between = await stateBytes(sql)
    const rest = [await changing(sql, () => texts[0]!('')), await changing(sql, () => texts[1]!(''))]
    await rollBackAll(
      sql,
      rest.map(({ id }) => id),
    )
    expect(await stateBytes(sql)).toEqual(between)
    expect(await sql.rows('select count(*) from sync.patches')).toEqual([['1']])
    await changing(sql, () => [`delete from lists where id = ${q(23)}`])
    await rollBackAll(sql, 'all')
    expect(await stateBytes(sql)).toEqual(before)
    expect(first.patches).toHaveLength(1)
    expect(await sql.rows('select count(*) from sync.patches')).toEqual([['0']])
  })

  test('[ROL-1] the number of statements does not depend on the number of rows', async (sql) => {
    const sent: number[] = []
    for (const many of [3, 300]) {
      await enterEngine(sql)
      await sql.exec(`insert into cards (id, room_id, list_id, title, points)
        select ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, ${q(1)}, ${q(22)}, 'many', ${many}
        from generate_series(1, ${many}) n on conflict (id) do nothing`)
      const { id } = await changing(sql, () => [
        `update cards set points = points + 1 where list_id = ${q(22)}`,
        `delete from cards where title = 'many' and id::text < '00000000-0000-4000-9000-000000000100'`,
      ])
      await enterEngine(sql)
      let count = 0
      const counted = <Key extends 'rows' | 'query' | 'exec'>(key: Key): Sql[Key] =>
        ((...parts: [string, []]) => {
          count += 1
          return sql[key](...parts)
        }) as Sql[Key]
      await rollBack({ ...sql, rows: counted('rows'), query: counted('query'), exec: counted('exec') }, catalog, [id])
      await dropPatches(sql, [id])
      sent.push(count)
    }
    expect(sent[1]).toBe(sent[0])
    expect(sent[0]).toBeLessThanOrEqual(4)
  })
})

const targetsOf = (patches: readonly Patch[]) =>
  netChanges(patches).map(({ table, key, after }) => ({ table, key, image: after }))
