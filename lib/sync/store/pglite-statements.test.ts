import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sql, Store } from './driver'
import { createPgliteStore } from './pglite-driver'

describe('statements that come again on PGlite', () => {
  let pglite: PGlite
  let store: Store
  const prepared = async () => {
    const { rows } = await pglite.query<{ statement: string }>('select statement from pg_prepared_statements')
    return rows.map((row) => row.statement)
  }
  const often = async (times: number, ask: (round: number) => Promise<unknown>) => {
    for (let round = 1; round <= times; round += 1) await ask(round)
  }
  const inTransaction = <Value>(work: (sql: Sql) => Promise<Value>) => store.transaction(work)

  beforeAll(async () => {
    pglite = await PGlite.create()
    store = createPgliteStore(pglite)
    await pglite.exec(
      "create table rows (id int primary key, note text); insert into rows values (1, 'one'), (2, 'two')",
    )
  })
  afterAll(() => store.close())

  it('are prepared the second time, and answer the same however often they come', async () => {
    const statement = 'select id, note from rows where id = $1'
    await inTransaction((sql) => sql.rows(statement, [1]))
    expect(await prepared()).not.toContain(statement)
    await inTransaction((sql) =>
      often(120, async (round) => {
        expect(await sql.query(statement, [1 + (round % 2)])).toEqual([
          round % 2 === 0 ? { id: 1, note: 'one' } : { id: 2, note: 'two' },
        ])
      }),
    )
    expect((await prepared()).filter((each) => each === statement)).toHaveLength(1)
  })

  it('are closed when others come more recently', async () => {
    await inTransaction((sql) =>
      often(300, (round) => often(2, () => sql.rows(`select ${round} as number, note from rows where id = 1`))),
    )
    expect((await prepared()).length).toBeLessThanOrEqual(201)
    expect(await inTransaction((sql) => sql.rows('select 1 as number, note from rows where id = 1'))).toEqual([
      [1, 'one'],
    ])
  })

  it('answer in their order when they are sent at once', async () => {
    const statement = 'insert into rows values ($1) returning (select count(*)::int from rows)'
    const counts = await inTransaction((sql) => Promise.all([11, 12, 13, 14].map((id) => sql.rows(statement, [id]))))
    expect(counts).toEqual([[[2]], [[3]], [[4]], [[5]]])
  })

  it('work again after they failed, whether they could be parsed or not', async () => {
    const divide = 'select 6 / $1::int'
    const missing = 'select note from not_yet'
    const fails = (statement: string, parameters: number[]) =>
      expect(inTransaction((sql) => sql.rows(statement, parameters))).rejects.toMatchObject({ name: 'SqlError' })
    await often(3, () => fails(divide, [0]))
    await often(3, () => fails(missing, []))
    await pglite.exec("create table not_yet (note text); insert into not_yet values ('now')")
    expect(await inTransaction((sql) => sql.rows(divide, [2]))).toEqual([[3]])
    await often(3, async () => expect(await inTransaction((sql) => sql.rows(missing))).toEqual([['now']]))
  })

  it('see the columns a migration added', async () => {
    await often(3, () => inTransaction((sql) => sql.rows('select * from rows where id = 1')))
    await inTransaction((sql) => sql.exec("alter table rows add column added text default 'new'"))
    await inTransaction(async (sql) =>
      expect(await sql.query('select * from rows where id = 1')).toEqual([{ id: 1, note: 'one', added: 'new' }]),
    )
  })

  it('[ING-6] fail like a transaction to be tried again when someone else migrated, and then see it', async () => {
    const ask = () => inTransaction((sql) => sql.rows('select * from rows where id = 2'))
    await often(3, ask)
    await pglite.exec('alter table rows drop column added')
    await expect(ask()).rejects.toMatchObject({ name: 'SqlError', code: '40001' })
    expect(await ask()).toEqual([[2, 'two']])
  })

  it('refuse to be sent when their transaction is over', async () => {
    let leaked: Sql | undefined
    await inTransaction(async (sql) => {
      leaked = sql
    })
    await expect(leaked?.rows('select 1')).rejects.toThrow('The transaction is over')
  })
})
