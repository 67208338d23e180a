/**
 * `npm run e2e`: builds the application and runs the browser tests against the production server, on the embedded
 * database and on PostgreSQL 18. Options after `--` are Playwright's: `npm run e2e -- --project=embedded -g claim`.
 * `BEAMLINE_E2E_SKIP_BUILD=1` tests the build that is already there.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureChromium } from './chromium'
import { readPlaywright } from './runner-report'
import { check, type Outcome, printSummary, reports, run, secondsSince, total } from './steps'

const databases = ['embedded', 'postgres'] as const

/** Builds once, then runs the tests on each database. A build that fails leaves nothing to test. */
export async function runBrowserTests(options: readonly string[] = []): Promise<Outcome> {
  const chromium = ensureChromium()
  const outcomes: Outcome[] = []
  if (process.env.BEAMLINE_E2E_SKIP_BUILD !== '1') {
    outcomes.push(await check('build', { program: { script: 'scripts/build.ts' } }))
  }
  if (outcomes.some((outcome) => outcome.failed > 0)) return total('browser', outcomes)
  const chosen = databases.filter((database) => !options.some((option) => namesOther(option, database)))
  for (const database of chosen) {
    outcomes.push(await runPlaywright(database, { chromium, options: options.filter((each) => !isProject(each)) }))
  }
  return total('browser', outcomes)
}

const isProject = (option: string) => option.startsWith('--project=')
const namesOther = (option: string, database: string) => isProject(option) && option !== `--project=${database}`

async function runPlaywright(
  database: string,
  { chromium, options }: { chromium: string; options: readonly string[] },
): Promise<Outcome> {
  const startedAtMs = Date.now()
  const name = `browser on ${database}`
  const report = join(reports, `playwright-${database}.json`)
  mkdirSync(reports, { recursive: true })
  rmSync(report, { force: true })
  console.log(`\n── ${name}`)
  const exitCode = await run({
    program: { package: '@playwright/test', file: 'cli.js' },
    options: ['test', `--project=${database}`, '--reporter=list,json', ...options],
    environment: { PW_CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  })
  const seconds = secondsSince(startedAtMs)
  if (existsSync(report)) return readPlaywright(report, { name, exitCode, seconds })
  console.error(`${name}: Playwright ended with ${exitCode} before it ran a test. See its message above.`)
  return { name, passed: 0, failed: 1, seconds }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const outcome = await runBrowserTests(process.argv.slice(2))
  printSummary([outcome])
  if (outcome.failed > 0) {
    console.error('\nTraces of failed tests are in test-results/: npx playwright show-trace <trace.zip>')
    process.exit(1)
  }
}
