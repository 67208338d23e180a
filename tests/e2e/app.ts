/**
 * The `test` of browser tests: `import { expect, test } from './app'`. Each worker has a production server of its own,
 * on the database its Playwright project names; `server` is running when a test begins, whatever the one before did.
 */
import { test as base } from '@playwright/test'
import { type DatabaseKind, type ProductionServer, prepareServer } from './server'

export { expect } from '@playwright/test'

interface WorkerFixtures {
  /** Set by the project in playwright.config.ts. */
  databaseKind: DatabaseKind
  preparedServer: ProductionServer
}

interface TestFixtures {
  server: ProductionServer
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  databaseKind: ['embedded', { option: true, scope: 'worker' }],
  preparedServer: [
    async ({ databaseKind }, use) => {
      const server = await prepareServer(databaseKind)
      await use(server)
      await server.remove()
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  server: [
    async ({ preparedServer, browser }, use, testInfo) => {
      const kept = new Set(browser.contexts())
      await preparedServer.start()
      await use(preparedServer)
      // Tabs that nobody looks at any more go on syncing, and with many of them Chromium lets tabs share a process.
      await Promise.all(browser.contexts().map((context) => kept.has(context) || context.close()))
      if (testInfo.status === testInfo.expectedStatus) return
      await testInfo.attach('server output', { body: preparedServer.output(), contentType: 'text/plain' })
    },
    { auto: true },
  ],
  baseURL: async ({ preparedServer }, use) => {
    await use(preparedServer.url)
  },
})
