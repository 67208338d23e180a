/**
 * Real Postgres for tests: `const database = await createTestDatabase()` in `beforeAll`, `await database.drop()` in
 * `afterAll`. One cluster serves the whole run (`start-postgres.ts`); each call makes a fresh database and owner.
 */
import { inject } from 'vitest'
import { createDatabase, type TestDatabase } from './postgres-cluster'

export type { TestDatabase }

/** An empty database; `url` connects as its owner, an ordinary role that may create roles and nothing more. */
export function createTestDatabase(): Promise<TestDatabase> {
  return createDatabase(inject('postgresAdminUrl'))
}
