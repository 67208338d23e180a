import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareReplayOrder, decodeClock, encodeClock, nextClock } from '@/lib/sync/core/hlc'
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

/** Neighbours: uuids that differ in one place, where letters meet digits, so that nearly every comparison is a close one. */
const close = fc
  .tuple(fc.constantFrom('0', '9', 'a', 'f'), fc.constantFrom('0', '9', 'a', 'f'))
  .map(([first, last]) => `${first}0000000-0000-4000-8000-00000000000${last}`)
/** A device makes stamps one after another; its clock may stand still or run back, and a full counter spills over. */
const device = fc.record({
  clientId: close,
  start: fc.record({ ms: fc.nat({ max: 2 }), counter: fc.constantFrom(0, 9, 0xfffd, 0xfffe, 0xffff) }),
  times: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 8 }),
})

function stampsOf({
  clientId,
  start,
  times,
}: {
  clientId: string
  start: { ms: number; counter: number }
  times: number[]
}) {
  let last = encodeClock({ ...start, clientId })
  return times.map((nowMs) => {
    last = nextClock(last, nowMs, clientId)
    return last
  })
}

describe.each(drivers)('replay order on $name', (driver) => {
  let open: OpenStore
  beforeAll(async () => {
    open = await openFixture(driver)
  })
  afterAll(() => open.close())

  it('[HLC-1] the order of texts here is the order of the database, for clocks and for action ids', async () => {
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

  it('[HLC-1] [FM-45] stamps of several devices are in one order: of their parts, of texts here, of texts in the database', async () => {
    const seen = { spilled: 0, sameMoment: 0, sameClock: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(device, { minLength: 2, maxLength: 5 }), fc.infiniteStream(close), (devices, ids) =>
        takenBack(open.store, async (sql) => {
          const actions = devices.flatMap(stampsOf).map((stamp) => ({ clock: stamp, id: ids.next().value }))
          const rows = await sql.query(
            `select given ->> 'clock' as clock, (given ->> 'id')::uuid as id from jsonb_array_elements($1::jsonb) given
             order by (given ->> 'clock') collate "C", (given ->> 'id')::uuid`,
            [JSON.stringify(actions)],
          )
          expect(rows).toEqual([...actions].sort(compareReplayOrder))
          expect(rows).toEqual([...actions].sort(byParts))
          for (const [one, other] of neighbours([...actions].sort(byParts))) {
            const [left, right] = [decodeClock(one.clock), decodeClock(other.clock)]
            seen.spilled += left.counter === 0xffff && right.counter === 0 && right.ms === left.ms + 1 ? 1 : 0
            seen.sameMoment += left.ms === right.ms && left.counter === right.counter ? 1 : 0
            seen.sameClock += one.clock === other.clock && one.id !== other.id ? 1 : 0
          }
        }),
      ),
      { numRuns: 100 },
    )
    for (const many of Object.values(seen)) expect(many).toBeGreaterThan(5)
  })

  it('[HLC-1] 70,000 stamps of one millisecond come back from the database in the order they were made', async () => {
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

interface Placed {
  readonly clock: string
  readonly id: string
}

/** The order as it is meant: time, counter, client, action; the last two byte by byte. */
function byParts(left: Placed, right: Placed): number {
  const [one, other] = [decodeClock(left.clock), decodeClock(right.clock)]
  return (
    one.ms - other.ms ||
    one.counter - other.counter ||
    Buffer.compare(Buffer.from(one.clientId), Buffer.from(other.clientId)) ||
    Buffer.compare(Buffer.from(left.id), Buffer.from(right.id))
  )
}

const neighbours = <Item>(items: readonly Item[]) => items.slice(1).map((item, place) => [items[place]!, item] as const)
