/** What Electric needs of the database, and no more (SHP-2). On Postgres only: the embedded database does not replicate. */
import postgres from 'postgres'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { migrations } from '@/db/migrations'
import { model } from '@/db/model'
import type { Store } from '@/lib/sync/store/driver'
import { install } from '@/lib/sync/store/install'
import { migrate } from '@/lib/sync/store/migrate'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { publishLog } from '@/lib/sync/store/publish'
import { createTestDatabase, type TestDatabase } from '../support/postgres'

const role = `electric "${Date.now()}"`
let database: TestDatabase
let store: Store
let admin: postgres.Sql

beforeAll(async () => {
  database = await createTestDatabase()
  store = createPostgresStore(database.url)
  await migrate(store, migrations)
  await install(store, model, 'server')
  const url = new URL(inject('postgresAdminUrl'))
  url.pathname = new URL(database.url).pathname
  admin = postgres(url.href, { max: 1, onnotice: () => undefined })
  await admin`create role ${admin(role)} login replication password 'secret'`
})
afterAll(async () => {
  await store.close()
  await admin`drop owned by ${admin(role)}`
  await admin`drop role ${admin(role)}`
  await admin.end()
  await database.drop()
})

test('[SHP-2] the log is published with all operations and whole rows, once or many times', async () => {
  await publishLog(store, { role })
  await publishLog(store, { role })
  const [found] = await admin`select pubinsert, pubupdate, pubdelete, pubtruncate from pg_publication`
  expect(found).toEqual({ pubinsert: true, pubupdate: true, pubdelete: true, pubtruncate: true })
  const tables = await admin`select schemaname, tablename from pg_publication_tables`
  expect([...tables]).toEqual([{ schemaname: 'sync', tablename: 'log' }])
  const [log] = await admin`select relreplident from pg_class where oid = 'sync.log'::regclass`
  expect(log?.relreplident).toBe('f')
})

test('[SHP-2] the role of Electric reads the log and nothing else, and changes nothing', async () => {
  await publishLog(store, { role })
  const rights = await admin`
    select table_schema || '.' || table_name as name, privilege_type as may from information_schema.role_table_grants
    where grantee = ${role} and table_schema in ('sync', 'public', 'auth')`
  expect([...rights]).toEqual([{ name: 'sync.log', may: 'SELECT' }])
})
