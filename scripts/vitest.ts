/** Runs Vitest and counts what it did; `npm run check` and `npm test` share it. */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readVitest } from './runner-report'
import { type Outcome, reports, run, secondsSince } from './steps'

interface VitestRun {
  readonly name: string
  readonly options: readonly string[]
  /** The name of the part a test file belongs to, by its path. */
  readonly partOf: (path: string) => string
}

export async function runVitest({ name, options, partOf }: VitestRun): Promise<Outcome> {
  const startedAtMs = Date.now()
  const report = join(reports, `vitest-${name}.json`)
  mkdirSync(reports, { recursive: true })
  rmSync(report, { force: true })
  console.log(`\n── ${name}`)
  const exitCode = await run({
    program: { package: 'vitest', file: 'vitest.mjs' },
    options: ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...options],
  })
  const seconds = secondsSince(startedAtMs)
  if (existsSync(report)) return readVitest(report, { name, exitCode, seconds }, partOf)
  console.error(`${name}: Vitest ended with ${exitCode} before it ran a test. See its message above.`)
  return { name, passed: 0, failed: 1, seconds }
}
