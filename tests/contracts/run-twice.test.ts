import { sql as drizzleSql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { reject } from '@/lib/sync/action'
import type { Catalog } from '@/lib/sync/store/catalog'
import type { Sql } from '@/lib/sync/store/driver'
import { NotDeterministic } from '@/lib/sync/store/run-twice'
import { act, fixtureCatalog, nextActionId, type Run, seed, stateDigest, uuid } from './act'
import { model, openFixture } from './fixture'
import { q, room, roomSql } from './room'
import { drivers, type OpenStore, takenBack } from './stores'

/** Enough rows that a shuffle into the same order will not happen. */
const manySlots = `insert into slots select ('00000000-0000-4000-a000-' || lpad(n::text, 12, '0'))::uuid, '${room}', 100 + n
  from generate_series(1, 200) n`

const place = drizzleSql.raw('select id from "slots" where place > 100 limit 20')
const placeInOrder = drizzleSql.raw('select id from "slots" where place > 100 order by id limit 20')

describe.each(drivers)('running every action twice on $name', (driver) => {
  let open: OpenStore
  let catalog: Catalog
  beforeAll(async () => {
    open = await openFixture(driver)
    catalog = await open.store.transaction(fixtureCatalog)
    await open.store.transaction((sql) => seed(sql, roomSql + manySlots))
  })
  afterAll(() => open.close())
  afterEach(() => vi.restoreAllMocks())
  const test = (name: string, work: (sql: Sql) => Promise<void>) => it(name, () => takenBack(open.store, work))

  const checked = (sql: Sql, run: Run) =>
    act(sql, run, { catalog, name: 'slot.move', writes: [room], user: 'ann', isCheckedTwice: true })

  async function complaint(sql: Sql, run: Run): Promise<string> {
    const before = await stateDigest(sql)
    const outcome = await checked(sql, run)
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'error', error: { name: 'NotDeterministic' } })
    expect(await stateDigest(sql)).toEqual(before)
    const error = outcome.kind === 'rejected' ? outcome.error : null
    expect(error).toBeInstanceOf(NotDeterministic)
    expect(error?.message).toContain('Action "slot.move" did two different things')
    return error?.message ?? ''
  }

  /** Numbers the rows in the order they came. */
  const numbering =
    (rows: typeof place): Run =>
    async ({ db }) => {
      const found = (await db.execute(rows)) as unknown as string[][]
      for (const [index, [id]] of found.entries()) {
        await db.execute(drizzleSql`update "slots" set place = ${index - 1000} where id = ${id}`)
      }
    }

  test('[ACT-1, CX-27, FM-61] LIMIT without ORDER BY is found, and the statement is named', async (sql) => {
    const message = await complaint(sql, numbering(place))
    expect(message).toContain(
      'Statement 1: select id from "slots" where place > 100 limit 20 gave other rows, or the same in another order.',
    )
    expect(message).toContain('ORDER BY with LIMIT')
  })

  test('[ACT-1] with ORDER BY the same action passes, and is applied once', async (sql) => {
    const outcome = await checked(sql, numbering(placeInOrder))
    expect(outcome).toMatchObject({ kind: 'applied', patches: { length: 20 } })
    expect(await sql.rows('select count(*) from sync.patches')).toEqual([['20']])
  })

  test('[ACT-1, FM-61] an action that asks the clock of the machine is found', async (sql) => {
    let nowMs = 1_800_000_000_000
    vi.spyOn(Date, 'now').mockImplementation(() => (nowMs += 1))
    const message = await complaint(sql, ({ db }) =>
      db.execute(drizzleSql`update "counters" set total = ${Date.now()} where audience = ${room}`),
    )
    expect(message).toContain('Statement 1: update "counters" set total = $1')
    expect(message).toContain('was sent with other parameters. Use `now`')
  })

  test('[ACT-1, FM-61] an action that takes another way by chance is found, wherever the ways part', async (sql) => {
    let round = 0
    const extra =
      (when: number): Run =>
      async ({ db }) => {
        round += 1
        await db.execute(drizzleSql`update "counters" set total = 5 where audience = ${room}`)
        if (round % 2 === when) await db.execute(drizzleSql`update "counters" set total = 6 where audience = ${room}`)
      }
    for (const when of [0, 1]) {
      round = 0
      const message = await complaint(sql, extra(when))
      expect(message).toContain('Statement 2: update "counters" set total = 6')
      expect(message).toContain('was sent in one run only')
    }
    round = 0
    const parting: Run = async ({ db }) => {
      round += 1
      await db.execute(
        round === 1 ? drizzleSql`update "counters" set total = 5` : drizzleSql`update "slots" set place = null`,
      )
    }
    expect(await complaint(sql, parting)).toContain('was another one in the second run: update "slots"')
  })

  test('[ACT-1] an action that only answers differently is found', async (sql) => {
    let round = 0
    const nextRound = () => {
      round += 1
      return round
    }
    expect(await complaint(sql, async () => nextRound())).toContain('what it made of them was not')
    const rejecting: Run = async () => reject('no', { round: nextRound() })
    expect(await complaint(sql, rejecting)).toContain('did two different things')
  })

  test('[ACT-1] what the context gives passes: now, ids, chance; and so do bigints', async (sql) => {
    const outcome = await checked(sql, async ({ db, id, now, random }) => {
      await db.execute(drizzleSql`insert into "slots" values (${id()}, ${room}, ${1_000 + Math.floor(random() * 90)})`)
      await db.execute(drizzleSql`update "cards" set touched_at = ${now} where id = ${uuid(31)}`)
      await db.execute(drizzleSql`update "counters" set total = ${9007199254740993n}`)
      return [9007199254740993n, now]
    })
    expect(outcome).toMatchObject({
      kind: 'applied',
      patches: { length: 3 },
      value: [9007199254740993n, expect.any(Date)],
    })
  })

  test('[ACT-1] a rule that says no says it once, and an action with a bug keeps its own error', async (sql) => {
    expect(await checked(sql, async () => reject('taken', { by: 'ben' }))).toMatchObject({
      reason: 'taken',
      error: null,
    })
    const violating: Run = ({ db }) => db.execute(drizzleSql`update "cards" set points = 5000`)
    expect(await checked(sql, violating)).toMatchObject({ reason: 'error', error: { constraint: 'points_are_few' } })
  })

  test('[ACT-1] shuffling parents, trees and generated columns changes nothing but their order', async (sql) => {
    const work: Run = async ({ db }) => {
      for (const table of model.tables) {
        await db.execute(drizzleSql.raw(`select count(*) from "${table.replaceAll('"', '""')}"`))
      }
      await db.execute(drizzleSql`delete from "lists" where id = ${uuid(21)}`)
    }
    await sql.exec('savepoint before')
    const plain = await act(sql, work, { catalog, writes: [room] })
    const expected = await stateDigest(sql)
    await sql.exec('rollback to savepoint before')
    const twice = await checked(sql, work)
    expect(twice).toMatchObject({ kind: 'applied' })
    expect(await stateDigest(sql)).toEqual(expected)
    expect(plain.kind === 'applied' && plain.patches.length).toBe(twice.kind === 'applied' && twice.patches.length)
  })

  test('[ACT-1] large tables are left as they are, so that a check stays quick', async (sql) => {
    await seed(sql, manySlots.replace('a000', 'b000').replace('100 + n', '500 + n').replace('200', '1000'))
    expect(await checked(sql, numbering(place))).toMatchObject({ kind: 'applied' })
  })

  test('[ING-6] an infrastructure error in a trial is thrown', async (sql) => {
    await sql.exec(`create function public.fail() returns int language plpgsql as
      $$ begin raise exception 'planted' using errcode = '40P01'; end $$`)
    await expect(checked(sql, ({ db }) => db.execute(drizzleSql`select public.fail()`))).rejects.toMatchObject({
      code: '40P01',
    })
    const id = nextActionId()
    expect(await act(sql, async () => 'next', { id, catalog })).toMatchObject({ kind: 'applied', value: 'next' })
    expect(await sql.rows(`select id from cards where id = ${q(31)}`)).toEqual([[uuid(31)]])
  })
})
