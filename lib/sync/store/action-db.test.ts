import { describe, expect, it } from 'vitest'
import { createActionStatements, refuseUnlessPlain } from './action-db'
import { SqlError } from './driver'

describe('statements of an action', () => {
  it.each([
    'select 1',
    '  SELECT "now" from "t"',
    'with gone as (delete from "t" returning *) select * from gone',
    '(select 1) union (select 2)',
    `insert into "t" ("note") values ('now(); set role x')`,
    `update "t" set "note" = E'it\\'s; random()'`,
    'delete from "t";',
    'select $1 -- now(); drop',
    'select /* set_config */ 1',
    `select $body$ ; set_config('role') $body$, $1`,
    'select "current_date", "into" from "t" where "set_config" = $1',
    'insert into "t" select "x" from "now"',
    `select age("a", "b") from "t" where "note" = 'now' or "note" = 'today'::text`,
  ])('[AUD-7] allows %s', (statement) => {
    expect(() => refuseUnlessPlain(statement)).not.toThrow()
  })

  it.each([
    ['set role none', 'SELECT, INSERT'],
    ['reset role', 'SELECT, INSERT'],
    ["select set_config('role', 'none', true)", 'settings belong to the engine'],
    ["select pg_catalog.SET_CONFIG ('sync.user_id', 'x', true)", 'settings belong to the engine'],
    ['select 1; set role none', 'one statement at a time'],
    [`select E'\\''; set role none; --'`, 'one statement at a time'],
    ['select $1$2; reset role', 'one statement at a time'],
    ['select "a""; "; reset all', 'one statement at a time'],
    ['select /* ; */ 1; truncate t', 'one statement at a time'],
    ['select * into "copy" from "t"', 'SELECT INTO'],
    ['select now()', 'use `now` of the action'],
    ['select clock_timestamp()', 'use `now` of the action'],
    ['insert into "t" values (current_timestamp)', 'use `now` of the action'],
    ['update "t" set "d" = CURRENT_DATE', 'use `now` of the action'],
    ['select random()', '`random()` or `id()`'],
    ['select gen_random_uuid()', '`random()` or `id()`'],
    [`select nextval('s')`, '`random()` or `id()`'],
    [`select 'now'::timestamptz`, 'use `now` of the action'],
    [`select timestamp with time zone 'now', cast('Today' as date)`, 'use `now` of the action'],
    [`select cast( 'Today' as date)`, 'use `now` of the action'],
    [`select date 'yesterday'`, 'use `now` of the action'],
    ['select age("born") from "t"', 'use `now` of the action'],
    ['select random_normal()', '`random()` or `id()`'],
    ['select array_shuffle("tags"), array_sample("tags", 1) from "t"', '`random()` or `id()`'],
    [`select currval('s')`, '`random()` or `id()`'],
    ['select pg_current_xact_id()', '`random()` or `id()`'],
    [`update "pg_settings" set "setting" = 'none' where "name" = 'role'`, 'settings belong to the engine'],
    ['select pg_sleep(1)', 'only reads and writes rows'],
    ['select pg_advisory_xact_lock(1)', 'only reads and writes rows'],
    ['truncate "t"', 'SELECT, INSERT'],
    ['create table "t" ()', 'SELECT, INSERT'],
    ['copy "t" from stdin', 'SELECT, INSERT'],
    ['do $$ begin end $$', 'SELECT, INSERT'],
    ['call "f"()', 'SELECT, INSERT'],
    ['', 'SELECT, INSERT'],
  ])('[AUD-7] refuses %s and says what to do', (statement, advice) => {
    expect(() => refuseUnlessPlain(statement)).toThrow(advice)
    expect(() => refuseUnlessPlain(statement)).toThrow(expect.objectContaining({ name: 'StatementRefused' }))
  })

  it('[ING-6] after a failed statement, later ones fail the same way without being sent', async () => {
    const error = new SqlError({ message: 'a deadlock', code: '40P01', statement: 'select 1' })
    let sent = 0
    const statements = createActionStatements({
      rows: () => {
        sent += 1
        return Promise.reject(error)
      },
    })
    await expect(statements.rows('select 1')).rejects.toBe(error)
    await expect(statements.rows('select 2')).rejects.toBe(error)
    expect(statements.failure()).toBe(error)
    expect(sent).toBe(1)
  })

  it('[AUD-7] the end waits for statements under way and refuses later ones', async () => {
    let answer: (rows: []) => void = () => undefined
    const statements = createActionStatements({ rows: () => new Promise((resolve) => (answer = resolve)) })
    const underWay = statements.rows('select 1')
    let hasEnded = false
    const end = statements.end().then(() => {
      hasEnded = true
    })
    await expect(statements.rows('select 2')).rejects.toThrow('The action has ended')
    expect(hasEnded).toBe(false)
    answer([])
    await end
    expect(await underWay).toEqual([])
  })
})
