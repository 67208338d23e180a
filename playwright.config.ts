/**
 * Browser tests: Chromium against the production build, once per database. `npm run e2e` builds and runs them; after a
 * build `npx playwright test --project=embedded` works too.
 */
import { userInfo } from 'node:os'
import { defineConfig } from '@playwright/test'
import { findChromium } from './scripts/chromium'
import type { DatabaseKind } from './tests/e2e/server'

/** No calls home, nothing drawn by a card that is not there; and no sandbox as root, which Chromium refuses. */
const chromiumOptions = [
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  ...(userInfo().uid === 0 ? ['--no-sandbox'] : []),
]
const executablePath = findChromium()

export default defineConfig<object, { databaseKind: DatabaseKind }>({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './tests/e2e/postgres.ts',
  outputDir: 'test-results',
  // One server with two browsers already fills a small machine; more workers are quicker, and leave deadlines nothing to spare.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    // Pictures of every frame would take a third of a small machine; a trace has the page itself at every step.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: true, sources: true },
    screenshot: 'only-on-failure',
    locale: 'en-GB',
    // What has no deadline of its own would wait until the test ends.
    actionTimeout: 60_000,
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: { args: chromiumOptions, ...(executablePath === null ? {} : { executablePath }) },
  },
  projects: [
    { name: 'embedded', use: { databaseKind: 'embedded' } },
    // What does not depend on the server's database runs once.
    {
      name: 'postgres',
      use: { databaseKind: 'postgres' },
      testIgnore:
        /(access|clock|first-action|identity|interrupted|offline-start|people|storage|tabs|versions)\.spec\.ts$/,
    },
  ],
})
