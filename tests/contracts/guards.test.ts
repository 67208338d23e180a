import { sql as drizzleSql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ActionDb, reject } from '@/lib/sync/action'
import { limits } from '@/lib/sync/core/protocol'
import { StatementRefused } from '@/lib/sync/store/action-db'
import type { Catalog } from '@/lib/sync/store/catalog'
import { type Sql, SqlError } from '@/lib/sync/store/driver'
import { isTimeout } from '@/lib/sync/store/run-action'
import {
  type Acting,
  act,
  applied,
  fixtureCatalog,
  nextActionId,
  type Run,
  seed,
  stateBytes,
  statements,
  uuid,
} from './act'
import { openFixture } from './fixture'
import { otherRoom, q, room, roomSql } from './room'
import { drivers, type OpenStore, takenBack } from './stores'

const helpers = `
create function public.fail(code text) returns int language plpgsql as
  $$ begin raise exception 'planted' using errcode = code; end $$;
create function public.pretend(name text, value text) returns text language sql as
  $$ select set_config(name, value, true) $$;`

describe.each(drivers)('guards on $name', (driver) => {
  let open: OpenStore
  let catalog: Catalog
  beforeAll(async () => {
    open = await openFixture(driver)
    catalog = await open.store.transaction(fixtureCatalog)
    await open.store.transaction(async (sql) => {
      await seed(sql, roomSql)
      await sql.exec(helpers)
    })
  })
  afterAll(() => open.close())
  const test = (name: string, work: (sql: Sql) => Promise<void>) => it(name, () => takenBack(open.store, work))
  const acting = (more: Acting = {}): Acting => ({ catalog, writes: [room], ...more })
  const run = (sql: Sql, work: Run, more: Acting = {}) => act(sql, work, acting(more))
  const sending = (text: string): Run => statements(text)

  const directWrites = [
    `insert into counters values ('public', 'x', 1)`,
    `update counters set total = 0`,
    `delete from counters`,
    `delete from rooms where false`,
    `insert into counters values ('${room}', 'votes', 1) on conflict do nothing`,
  ]

  it('[CAP-0] a setting that was set once in a session guards as one that never was', async () => {
    await open.store.transaction((sql) => sql.exec("set local sync.mode = 'engine'; set local sync.user_id = 'ann'"))
    const settings = await open.store.transaction((sql) =>
      sql.rows(`select sync.current_user_id(), sync.current_audiences()::text, sync.writable_audiences()::text,
        sync.founded_audiences()::text`),
    )
    expect(settings).toEqual([[null, '{}', '{}', '{}']])
    const writing = open.store.transaction((sql) => sql.rows('update counters set total = 0'))
    await expect(writing).rejects.toMatchObject({ code: 'BL001' })
  })

  it.each(directWrites)('[ACT-8] outside an action the owner is refused: %s', async (statement) => {
    const writing = open.store.transaction((sql) => sql.rows(statement))
    await expect(writing).rejects.toMatchObject({ code: 'BL001' })
    await expect(writing).rejects.toThrow(/Table \w+ is captured: write it inside an action/)
  })

  it.each(directWrites)('[ACT-8] outside an action the app role is refused: %s', async (statement) => {
    const writing = open.store.transaction(async (sql) => {
      await sql.exec(`set local role "${catalog.role}"`)
      await sql.rows(statement)
    })
    await expect(writing).rejects.toMatchObject({ code: expect.stringMatching(/^(BL001|42501)$/) })
  })

  test('[CAP-2, FM-76] TRUNCATE is refused with what to do instead, outside and inside an action', async (sql) => {
    for (const mode of ['', 'action']) {
      await sql.exec(`savepoint attempt; set local sync.mode = '${mode}'`)
      await expect(sql.exec('truncate counters, notes')).rejects.toMatchObject({
        code: 'BL002',
        message: expect.stringContaining('is refused: it would leave no patches'),
      })
      await sql.exec('rollback to savepoint attempt')
    }
    expect(await run(sql, sending('truncate counters'))).toMatchObject({ kind: 'rejected', reason: 'error' })
    await expect(sql.exec('truncate cards cascade; truncate tags')).resolves.toBeUndefined()
  })

  test('[ACT-8] the guard is back when the action is over, applied or rejected', async (sql) => {
    await applied(sql, sending(`update counters set total = 8`), acting())
    await run(sql, async () => reject('no'))
    expect(await sql.rows(`select current_setting('role'), current_setting('sync.mode')`)).toEqual([['none', 'engine']])
    await sql.exec(`set local sync.mode = ''`)
    await expect(sql.rows('delete from counters')).rejects.toMatchObject({ code: 'BL001' })
  })

  test('[ACT-3] reject() ends the action with no effect, its reason and its details', async (sql) => {
    const before = await stateBytes(sql)
    const outcome = await run(sql, async ({ db }) => {
      await db.execute(drizzleSql`delete from lists`)
      reject('seat-taken', { by: 'ben', seats: [1, 2] })
    })
    expect(outcome).toEqual({
      kind: 'rejected',
      reason: 'seat-taken',
      details: { by: 'ben', seats: [1, 2] },
      error: null,
    })
    expect(await stateBytes(sql)).toEqual(before)
    expect(await sql.rows('select count(*) from sync.patches')).toEqual([['0']])
  })

  test('[ACT-3, CX-30] anything else that is thrown is rejected as error, and stays on this machine', async (sql) => {
    const before = await stateBytes(sql)
    const bug = new TypeError('undefined is not a function')
    const failing: Run = async ({ db }) => {
      await db.execute(drizzleSql`delete from lists`)
      throw bug
    }
    expect(await run(sql, failing)).toEqual({ kind: 'rejected', reason: 'error', details: null, error: bug })
    const throwingText: Run = () => Promise.reject('just text')
    expect(await run(sql, throwingText)).toMatchObject({ reason: 'error', error: { message: 'just text' } })
    const throwingAtOnce: Run = () => {
      throw bug
    }
    expect(await run(sql, throwingAtOnce)).toMatchObject({ reason: 'error', error: bug })
    expect(await stateBytes(sql)).toEqual(before)
  })

  const violations = [
    ['a check', `update cards set points = 5000`, { code: '23514', constraint: 'points_are_few' }],
    ['a unique constraint', `update lists set place = 1`, { code: '23505', constraint: 'one_list_per_place' }],
    ['a deferred unique constraint', `update lists set rank = 1`, { code: '23505', constraint: 'one_list_per_rank' }],
    [
      'a deferred foreign key',
      `update cards set blocker_id = ${q(999)}`,
      { code: '23503', constraint: 'card_blocker' },
    ],
    ['a type', `update cards set parent_id = 'no uuid'`, { code: '22P02' }],
    ['a text with NUL', `select 'a' || chr(0)`, { code: '54000' }],
    ['an unknown column', `select nothing from cards`, { code: '42703' }],
  ] as const
  it.each(violations)(
    '[ING-6, CX-18, CX-30] breaking %s rejects the action, and the transaction goes on',
    (_, statement, error) =>
      takenBack(open.store, async (sql) => {
        const before = await stateBytes(sql)
        expect(await run(sql, sending(statement))).toMatchObject({ kind: 'rejected', reason: 'error', error })
        expect(await stateBytes(sql)).toEqual(before)
        const next = await applied(sql, sending(`update counters set total = 70 where audience = '${room}'`), acting())
        expect(next.patches).toHaveLength(1)
      }),
  )

  it('[ING-6] what goes on after a rejected action is committed', async () => {
    await open.store.transaction(async (sql) => {
      await run(sql, sending(`update cards set blocker_id = ${q(999)}`))
      await applied(sql, sending(`update counters set total = 71 where audience = '${room}'`), acting())
    })
    expect(
      await open.store.transaction((sql) => sql.rows(`select total from counters where audience = '${room}'`)),
    ).toEqual([['71']])
    await open.store.transaction((sql) => seed(sql, `update counters set total = 7 where audience = '${room}'`))
  })

  test('[ING-6] an action that caught the error of the database is rejected all the same, unless it says why', async (sql) => {
    const catching =
      (after: () => unknown): Run =>
      async ({ db }) => {
        await db.execute(drizzleSql`update cards set points = 5000`).catch(() => null)
        return after()
      }
    const points = { code: '23514', constraint: 'points_are_few' }
    expect(
      await run(
        sql,
        catching(() => 'fine'),
      ),
    ).toMatchObject({ kind: 'rejected', reason: 'error', error: points })
    expect(
      await run(
        sql,
        catching(() => reject('too-many')),
      ),
    ).toMatchObject({ reason: 'too-many', error: null })
    const goingOn: Run = async ({ db }) => {
      await db.execute(drizzleSql`update cards set points = 5000`).catch(() => null)
      await db.execute(drizzleSql`update cards set points = 1`)
    }
    expect(await run(sql, goingOn)).toMatchObject({ reason: 'error', error: points })
  })

  it.each(['08006', '40001', '40P01', '53100', '55P03', '57014', '57P01', '58030', 'XX000'])(
    '[ING-6] %s is infrastructure: thrown, never an outcome, also when the action caught it',
    (code) =>
      takenBack(open.store, async (sql) => {
        const before = await stateBytes(sql)
        const failing = drizzleSql.raw(`select public.fail('${code}')`)
        const runs: Run[] = [
          async ({ db }) => db.execute(failing),
          async ({ db }) => db.execute(failing).catch(() => 'fine'),
          async ({ db }) => db.execute(failing).catch(() => reject('no')),
        ]
        for (const work of runs) {
          await expect(run(sql, work)).rejects.toMatchObject({ name: 'SqlError', code })
          expect(await stateBytes(sql)).toEqual(before)
        }
        if (code === '57014') expect(isTimeout(new SqlError({ message: '', code, statement: '' }))).toBe(true)
      }),
  )

  const refusedStatements = [
    'set role none',
    `select set_config('role', 'none', true)`,
    `select 1; select 2`,
    `update lists set name = name; reset role`,
    'select now()',
    'select random()',
    'select * into copied from cards',
  ]
  it.each(refusedStatements)('[AUD-7] the handle of an action refuses: %s', (statement) =>
    takenBack(open.store, async (sql) => {
      const outcome = await run(sql, sending(statement))
      expect(outcome).toMatchObject({ kind: 'rejected', reason: 'error' })
      expect(outcome.kind === 'rejected' && outcome.error).toBeInstanceOf(StatementRefused)
    }),
  )

  const pretences = [
    ['role', 'none'],
    ['sync.user_id', 'ben'],
    ['sync.audiences', `{${room},${otherRoom}}`],
    ['sync.writable', `{${otherRoom}}`],
    ['sync.founded', `{${room}}`],
    ['sync.mode', 'engine'],
  ] as const
  it.each(pretences)(
    '[AUD-7] an action that changed %s behind the back of the handle is a bug, not an outcome',
    (name, value) =>
      takenBack(open.store, async (sql) => {
        const acted = run(sql, sending(`select public.pretend('${name}', '${value}')`))
        await expect(acted).rejects.toMatchObject({ name: 'InvariantBroken', rule: 'AUD-7' })
        expect(await sql.rows(`select current_setting('role'), current_setting('sync.mode')`)).toEqual([
          ['none', 'engine'],
        ])
      }),
  )

  test('[ACT-2] an inserted key must come from id() of this action', async (sql) => {
    const insert = (id: string) => sending(`insert into slots values ('${id}', '${room}', 9)`)
    const outcome = await run(sql, insert(uuid(77)))
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'error' })
    expect(outcome.kind === 'rejected' && outcome.error?.message).toContain('insert `id: id()` (ACT-2)')
    expect(await run(sql, sending(`update slots set id = '${uuid(78)}' where id = ${q(51)}`))).toMatchObject({
      reason: 'error',
    })
    const own: Run = async (context) => {
      await insert(context.id())(context)
      await sending(`insert into counters values ('${room}', 'composite keys carry the audience', 1)`)(context)
      await sending(`delete from slots where id = ${q(51)}`)(context)
      await insert(uuid(51))(context)
      return context.id('key')
    }
    expect(await run(sql, own)).toMatchObject({ kind: 'rejected', error: { constraint: 'one_per_slot' } })
    const fresh: Run = async (context) => {
      await insert(context.id())(context)
      await sending(`delete from slots where id = ${q(51)}`)(context)
      await sending(`insert into slots values (${q(51)}, '${room}', 1)`)(context)
    }
    expect((await applied(sql, fresh, acting())).patches).toHaveLength(3)
  })

  test('[ACT-1] id, now and random are the same on every run of one action record', async (sql) => {
    const id = nextActionId()
    const collect: Run = async ({ id: next, now, random, user }) => [
      next(),
      next(),
      next('a'),
      next('a'),
      now,
      random(),
      random(),
      user.id,
    ]
    const nowMs = Date.UTC(2026, 2, 1, 12, 0, 0, 120)
    const values = []
    for (let round = 0; round < 2; round += 1)
      values.push((await applied(sql, collect, acting({ id, nowMs }))).value as unknown[])
    const [first, second] = values
    expect(second).toEqual(first)
    expect(first?.[4]).toEqual(new Date(nowMs))
    expect(new Set(first?.slice(0, 3)).size).toBe(3)
    expect(first?.[2]).toBe(first?.[3])
    expect(first?.[7]).toBe('ann')
    expect((await applied(sql, collect, acting({ nowMs }))).value).not.toEqual(first)
  })

  test('[ING-6] an action of too many rows is rejected, one of just enough is not', async (sql) => {
    const insert = (many: number) =>
      sending(`insert into counters select '${room}', 'n' || n, n from generate_series(1, ${many}) n`)
    const outcome = await run(sql, insert(limits.patchesPerActionMax + 1))
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'too-many-rows' })
    expect(await sql.rows(`select count(*) from counters`)).toEqual([['2']])
    expect((await applied(sql, insert(limits.patchesPerActionMax), acting())).patches).toHaveLength(
      limits.patchesPerActionMax,
    )
  })

  test('[AUD-7] statements that the action did not wait for never run after it', async (sql) => {
    const before = await stateBytes(sql)
    let late: Promise<unknown> = Promise.resolve()
    const goingOn = async (db: ActionDb, first: Promise<unknown>) => {
      await first.catch(() => null)
      await new Promise(setImmediate)
      return db.execute(drizzleSql`delete from lists`).then(
        () => 'sent',
        (error: Error) => error.cause,
      )
    }
    const failing: Run = async ({ db }) => {
      const first = Promise.resolve(db.execute(drizzleSql`update cards set points = 5000`))
      late = goingOn(db, first)
      await Promise.all([first, late])
    }
    expect(await run(sql, failing)).toMatchObject({ kind: 'rejected', error: { constraint: 'points_are_few' } })
    expect(await late).toMatchObject({ name: 'StatementRefused' })
    const forgetting: Run = async ({ db }) => {
      late = goingOn(db, Promise.resolve(db.execute(drizzleSql`select 1`)))
    }
    expect(await run(sql, forgetting)).toMatchObject({ kind: 'applied', patches: [] })
    expect(await late).toMatchObject({ name: 'StatementRefused' })
    expect(await stateBytes(sql)).toEqual(before)
  })

  test('[ACT-7] the value of an action comes back, and what it did, in order', async (sql) => {
    const outcome = await applied(
      sql,
      async ({ db }) => {
        await db.execute(drizzleSql`update slots set place = 3 where id = ${uuid(51)}`)
        await db.execute(drizzleSql`update slots set place = 4 where id = ${uuid(51)}`)
        return { id: uuid(51) }
      },
      acting(),
    )
    expect(outcome.value).toEqual({ id: uuid(51) })
    expect(outcome.patches.map(({ before, after }) => [before?.place, after?.place])).toEqual([
      ['1', '3'],
      ['3', '4'],
    ])
    expect((await applied(sql, async () => undefined, acting())).value).toBeNull()
  })
})
