/**
 * The two databases every contract of the store is held to: PGlite, and a real Postgres whose owner is an ordinary role
 * (ROL-2). `describe.each(drivers)` runs one suite over both.
 */
import type { PGlite } from '@electric-sql/pglite'
import type { Sql, Store } from '@/lib/sync/store/driver'
import { createPgliteStore } from '@/lib/sync/store/pglite-driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { createTestDatabase } from '@/tests/support/postgres'
import { newPglite } from '../support/pglite'

export interface OpenStore {
  readonly store: Store
  /** Connection string of the owner; empty on PGlite. */
  readonly url: string
  close(): Promise<void>
}

export interface Driver {
  readonly name: string
  /** An empty database. */
  open(): Promise<OpenStore>
}

/** A test file starts one, and empties it for the next suite that opens a database. */
let idle: PGlite | null = null

export const emptyingSql = `drop schema if exists sync cascade; drop schema if exists other cascade;
  drop schema public cascade; create schema public`

export const pgliteDriver: Driver = {
  name: 'PGlite',
  async open() {
    const pglite = idle ?? (await newPglite())
    idle = null
    await pglite.exec(emptyingSql)
    return {
      store: createPgliteStore(pglite),
      url: '',
      async close() {
        idle = pglite
      },
    }
  },
}

export const postgresDriver: Driver = {
  name: 'Postgres 18 as an ordinary owner',
  async open() {
    const database = await createTestDatabase()
    const store = createPostgresStore(database.url)
    return {
      store,
      url: database.url,
      async close() {
        await store.close()
        await database.drop()
      },
    }
  },
}

export const drivers: readonly Driver[] = [pgliteDriver, postgresDriver]

class TakenBack extends Error {
  override readonly name = 'TakenBack'
  constructor(readonly value: unknown) {
    super('The test is over')
  }
}

/** Runs a test in a transaction that is rolled back whatever happens: the next one finds the database as it was. */
export async function takenBack<Value>(store: Store, work: (sql: Sql) => Promise<Value>): Promise<Value> {
  try {
    return await store.transaction(async (sql) => {
      throw new TakenBack(await work(sql))
    })
  } catch (error) {
    if (error instanceof TakenBack) return error.value as Value
    throw error
  }
}
