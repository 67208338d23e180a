import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareReplayOrder, encodeClock, nextClock } from '@/lib/sync/core/hlc'
import { openFixture } from './fixture'
import { drivers, type OpenStore, takenBack } from './stores'

const clock = fc
  .record({
    ms: fc.oneof(fc.nat({ max: 40 }), fc.integer({ min: 0, max: 2 ** 48 - 1 })),
    counter: fc.oneof(fc.nat({ max: 2 }), fc.constantFrom(9, 10, 15, 16, 255, 256, 0xffff)),
    clientId: fc.uuid(),
  })
  .map(encodeClock)
const placed = fc.record({ clock, id: fc.uuid() })

describe.each(drivers)('replay order on $name', (driver) => {
  let open: OpenStore
  beforeAll(async () => {
    open = await openFixture(driver)
  })
  afterAll(() => open.close())

  it('[HLC-1, FM-45] the order of texts here is the order of the database, for clocks and for action ids', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(placed, { minLength: 2, maxLength: 60 }), fc.nat(), (actions, repeated) =>
        takenBack(open.store, async (sql) => {
          // Equal clocks, so that the id decides too.
          const list = actions.map((action, index) =>
            index % 3 ? action : { ...action, clock: actions[repeated % actions.length]!.clock },
          )
          await sql.exec('create temporary table placed as select clock, id from sync.actions')
          await sql.rows(
            `insert into placed (clock, id) select given ->> 'clock', (given ->> 'id')::uuid
             from jsonb_array_elements($1::jsonb) given`,
            [JSON.stringify(list)],
          )
          const rows = await sql.query('select clock, id from placed order by clock, id')
          expect(rows).toEqual([...list].sort(compareReplayOrder))
        }),
      ),
      { numRuns: 60 },
    )
  })

  it('[HLC-1, FM-44, FM-45] 70,000 stamps of one millisecond come back from the database in the order they were made', async () => {
    const stamps: string[] = []
    for (let last: string | null = null; stamps.length < 70_000; stamps.push(last)) {
      last = nextClock(last, 1_800_000_000_000, '6f9619ff-8b86-4011-b42d-00c04fc964ff')
    }
    const [row] = await takenBack(open.store, (sql) =>
      sql.rows(
        `select string_agg(stamp, ',' order by stamp collate "C") from jsonb_array_elements_text($1::jsonb) stamp`,
        [JSON.stringify([...stamps].reverse())],
      ),
    )
    expect(row?.[0] === stamps.join(',')).toBe(true)
  })

  it('[ACT-1] every text of the engine that orders or is looked up in order is COLLATE "C"', async () => {
    const loose = await open.store.transaction((sql) =>
      sql.rows(
        `select table_name, column_name, collation_name from information_schema.columns
         where table_schema = 'sync' and column_name in ('clock', 'last_clock', 'max_clock', 'sealed_until', 'audience')
           and table_name <> 'user_audiences' and collation_name is distinct from 'C'`,
      ),
    )
    expect(loose).toEqual([])
  })
})
