/** Runs once before all test files (`globalSetup` in vitest.config.ts): one cluster for the whole run. */
import type { TestProject } from 'vitest/node'
import { startCluster } from './postgres-cluster'

declare module 'vitest' {
  interface ProvidedContext {
    postgresAdminUrl: string
  }
}

export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster()
  project.provide('postgresAdminUrl', cluster.adminUrl)
  return () => cluster.stop()
}
