/** The server's own database, past the application: Postgres as its owner, the embedded one while the server is down. */
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { Store } from '@/lib/sync/store/driver'
import { createPgliteStore } from '@/lib/sync/store/pglite-driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import type { ProductionServer } from './server'

/** An embedded server is killed for it and started again. */
export async function atServerDatabase<Result>(
  server: ProductionServer,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  if (server.databaseUrl !== null) {
    return closing(createPostgresStore(server.databaseUrl, { connectionsMax: 1 }), work)
  }
  await server.kill()
  const result = await closing(createPgliteStore(await PGlite.create(join(server.dataDirectory, 'postgres-18'))), work)
  await server.start()
  return result
}

async function closing<Result>(store: Store, work: (store: Store) => Promise<Result>): Promise<Result> {
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** As time does: whoever was signed in with this address has no session any more. */
export function endSessions(server: ProductionServer, email: string): Promise<void> {
  return change(server, 'delete from auth.sessions s using auth.users u where u.id = s.user_id and u.email = $1', email)
}

/** As an operator does. */
export function removeAccount(server: ProductionServer, email: string): Promise<void> {
  return change(server, 'delete from auth.users where email = $1', email)
}

async function change(server: ProductionServer, statement: string, email: string): Promise<void> {
  await atServerDatabase(server, (store) => store.transaction(async (sql) => void (await sql.rows(statement, [email]))))
}
