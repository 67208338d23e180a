/** Migrations of a server's captured tables: what they seal, and that no server works in between (DEP-2). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { install } from '@/lib/sync/store/install'
import { migrate } from '@/lib/sync/store/migrate'
import { noteSchema, sealingChange } from '@/lib/sync/store/server/schema-change'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { simMigrations, simModel } from '../sim/app/sql'
import { clockAt, headAt, otherRoom, room } from './records'
import { drivers, emptyingSql, type OpenStore } from './stores'

describe.each(drivers)('a migration of captured tables on $name', (driver) => {
  let open: OpenStore
  beforeAll(async () => {
    open = await driver.open()
  })
  afterAll(() => open.close())
  beforeEach(async () => {
    await open.store.transaction((sql) => sql.exec(emptyingSql))
    await migrate(open.store, simMigrations, sealingChange({ isSealing: true }))
    await install(open.store, simModel, 'server')
    await open.store.transaction((sql) => noteSchema(sql, 'first'))
    const { transaction } = createServerStore(open.store, simModel)
    await transaction(({ log }) => log.saveHeads([headAt(room, 3), headAt(otherRoom, 1, { maxClock: '' })]))
  })

  const migrated = (statements: readonly string[], isSealing = true) =>
    migrate(open.store, [...simMigrations, { tag: '9999_next', statements }], sealingChange({ isSealing }))
  const found = () =>
    open.store.transaction(async (sql) => {
      const [row] = await sql.rows(
        `select (select value from sync.meta where key = 'schema'),
           (select max(sealed_until) from sync.audiences)`,
      )
      return { schema: row?.[0], sealedUntil: row?.[1] }
    })

  const changing = {
    'another type': ['alter table items alter column value type varchar(99) collate "C"'],
    'a column that is gone': ['alter table items drop column holder cascade'],
    'another default': ["alter table items alter column holder set default 'x'"],
    'a rule that old rows were not asked': ['alter table items add constraint short check (value < 900)'],
    'a table that is gone': ['drop table items cascade'],
  }
  it.each(Object.entries(changing))('[DEP-2] %s seals what was accepted before', async (_, statements) => {
    await migrated(statements)
    expect((await found()).sealedUntil).toBe(clockAt(3))
  })

  const joining = {
    'a new column': ['alter table items add column colour text collate "C" not null default \'grey\''],
    'a new table': ['create table extras (id uuid primary key, audience text collate "C" not null)'],
    'an index': ['create index items_by_value on items (value)'],
  }
  it.each(Object.entries(joining))(
    '[DEP-1, DEP-2] %s seals nothing: it is the default in every image',
    async (_, statements) => {
      await migrated(statements)
      expect((await found()).sealedUntil).toBe('')
    },
  )

  it('[DEP-2] no server may work before all migrations are through', async () => {
    expect((await found()).schema).toBe('first')
    await migrated(joining['a new column'])
    expect((await found()).schema).toBe('between migrations')
    await open.store.transaction((sql) => noteSchema(sql, 'second'))
    expect((await found()).schema).toBe('second')
  })

  it('[DEP-2] a migration that fails has sealed nothing, and the servers before it go on', async () => {
    await expect(migrated([...changing['another type'], 'alter table nothing add x int'])).rejects.toMatchObject({
      code: '42P01',
    })
    expect(await found()).toEqual({ schema: 'first', sealedUntil: '' })
  })

  it('[DEP-1] development seals nothing, whatever its tables become', async () => {
    await migrated(changing['another type'], false)
    expect((await found()).sealedUntil).toBe('')
  })
})
