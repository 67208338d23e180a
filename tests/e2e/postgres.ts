/**
 * Runs once before the browser tests (`globalSetup` in playwright.config.ts): starts the PostgreSQL 18 that the project
 * `postgres` uses. Its databases have an ordinary owner, as on managed Postgres (`tests/support/postgres-cluster.ts`).
 */
import { startCluster } from '../support/postgres-cluster'

/** Where workers, which are other processes, find the cluster. */
export const adminUrlVariable = 'BEAMLINE_E2E_POSTGRES'

export default async function startPostgres(): Promise<() => Promise<void>> {
  const cluster = await startCluster()
  process.env[adminUrlVariable] = cluster.adminUrl
  return () => cluster.stop()
}
