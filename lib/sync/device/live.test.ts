import { live } from '@electric-sql/pglite/live'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newPglite } from '@/tests/support/pglite'
import type { Store } from '../store/driver'
import { createPgliteStore } from '../store/pglite-driver'
import type { RawRow } from './client'
import { createLiveQueries, type LivePglite, type LiveQueries, prepareForLive } from './live'

let pglite: LivePglite
let store: Store
let queries: LiveQueries
let scheduled: (() => void)[] = []

beforeAll(async () => {
  pglite = await newPglite({ live })
  await prepareForLive(pglite)
  store = createPgliteStore(pglite)
  await pglite.exec(`create table seats (id int primary key, name text collate "C", price numeric(10,2), at timestamptz);
    create table people (id int primary key, name text)`)
  queries = createLiveQueries(pglite, {
    schedule: (_ms, work) => {
      scheduled.push(work)
      return () => {
        scheduled = scheduled.filter((other) => other !== work)
      }
    },
  })
})

afterAll(() => pglite.close())

const write = (statement: string) => store.transaction((sql) => sql.exec(statement))

/** Watches, and answers a function that waits for the next rows. */
function follow(sql: string, params: unknown[] = []) {
  const arrived: (readonly RawRow[] | Error)[] = []
  let wake = (): void => undefined
  const add = (news: readonly RawRow[] | Error) => {
    arrived.push(news)
    wake()
  }
  const stop = queries.watch({ sql, params }, { onRows: add, onError: add })
  const next = async () => {
    while (arrived.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return arrived.shift()
  }
  return { next, stop, arrived }
}

describe('live queries', () => {
  test('[LIVE-1] rows come at once and again when the store has changed them', async () => {
    const seats = follow('select id, name from seats where id < $1 order by id limit $2', ['100', 2])
    expect(await seats.next()).toEqual([])
    await write("insert into seats values (3, 'c'), (1, 'a'), (2, 'b'), (200, 'far')")
    expect(await seats.next()).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    seats.stop()
  })

  test('[LIVE-1] values are what drizzle maps from: numbers small, everything else as text in UTC', async () => {
    await write("insert into seats values (10, 'x', 12.50, '2026-03-02 10:00:00.5+02')")
    const seats = follow('select id, price, at, count(*) over () from seats where id = $1', [10])
    expect(await seats.next()).toEqual([[10, '12.50', '2026-03-02 08:00:00.5+00', '1']])
    seats.stop()
  })

  test('[LIVE-1] two columns of a join may share a name', async () => {
    await write("insert into people values (10, 'Ann')")
    const joined = follow('select s.id, s.name, p.id, p.name from seats s join people p on p.id = s.id')
    expect(await joined.next()).toEqual([[10, 'x', 10, 'Ann']])
    joined.stop()
  })

  test('[LIVE-1] a pattern with % and a parameter of any type work', async () => {
    const found = follow("select name from seats where name like '%' || $1 || '%' and id % 5 = $2", ['x', 0])
    expect(await found.next()).toEqual([['x']])
    found.stop()
  })

  test('[REC-1] what a transaction did in between is not seen, only its result', async () => {
    const seats = follow('select id from seats where id = 10')
    expect(await seats.next()).toEqual([[10]])
    await store.transaction(async (sql) => {
      await sql.exec('delete from seats where id = 10')
      await sql.exec("insert into seats values (10, 'again')")
    })
    await write("insert into seats values (11, 'other')")
    const renamed = follow('select name from seats where id = 10')
    expect(await renamed.next()).toEqual([['again']])
    expect(seats.arrived).toEqual([])
    seats.stop()
    renamed.stop()
  })

  test('[LIVE-1] the same question is asked of the database once, and kept a moment after the last one left', async () => {
    const question = 'select count(*)::int from people'
    const first = follow(question)
    const rows = await first.next()
    const second = follow(question)
    expect(await second.next()).toBe(rows)
    first.stop()
    second.stop()
    const third = follow(question)
    expect(await third.next()).toBe(rows)
    third.stop()
    for (const work of scheduled.splice(0)) work()
    const fourth = follow(question)
    expect(await fourth.next()).toEqual(rows)
    fourth.stop()
  })

  test('[LIVE-1] a statement that fails tells why and leaves the others alone', async () => {
    const wrong = follow('select nothing from seats')
    expect(await wrong.next()).toMatchObject({ message: expect.stringContaining('nothing') })
    const right = follow('select id from people')
    expect(await right.next()).toEqual([[10]])
  })
})
