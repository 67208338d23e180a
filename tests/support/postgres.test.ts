import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from './postgres'

describe('the Postgres that tests run on', () => {
  let database: TestDatabase
  let sql: postgres.Sql
  beforeAll(async () => {
    database = await createTestDatabase()
    sql = postgres(database.url, { max: 1, onnotice: () => undefined })
  })
  afterAll(async () => {
    await sql.end()
    await database.drop()
  })

  it('[ROL-2] connects as an ordinary owner who cannot silence triggers', async () => {
    const [role] = await sql`
      select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user`
    expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreatedb: false, rolcreaterole: true })
    await expect(sql`set session_replication_role = replica`).rejects.toMatchObject({ code: '42501' })
  })

  it('[AUD-7] lets the owner make the app role and become it', async () => {
    const name = new URL(database.url).pathname.slice(1)
    await sql.unsafe(`create role ${name}_app; grant ${name}_app to current_user with set true, inherit false`)
    const became = await sql.begin(async (transaction) => {
      await transaction.unsafe(`set local role ${name}_app`)
      return transaction`select current_user as name`
    })
    expect(became[0]).toEqual({ name: `${name}_app` })
  })

  it('[ACT-1] has defaults that show code relying on them', async () => {
    const [row] = await sql`
      select current_setting('server_version_num')::int / 10000 as major, current_setting('timezone') as zone,
        'a' < 'B' as by_language, ('a' collate "C") < 'B' as by_bytes`
    expect(row).toEqual({ major: 18, zone: 'Asia/Kathmandu', by_language: true, by_bytes: false })
  })
})
