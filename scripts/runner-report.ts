/**
 * Reads what Vitest and Playwright write about a run. Nothing counts as passed that did not run: a skipped test, a file
 * that could not be loaded, a flaky test and an empty run are failures.
 */
import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { z } from 'zod'
import { type Outcome, root } from './steps'

interface Run {
  readonly name: string
  readonly exitCode: number
  readonly seconds: number
}

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      startTime: z.number(),
      endTime: z.number(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
})

/** Counts a Vitest run, told apart by `partOf` (path from the root of the repository to the name of a part). */
export function readVitest(file: string, run: Run, partOf: (path: string) => string): Outcome {
  const { testResults } = vitestReport.parse(JSON.parse(readFileSync(file, 'utf8')))
  const parts = new Map<string, { passed: number; failed: number; ms: number }>()
  for (const { name, status, startTime, endTime, assertionResults } of testResults) {
    const key = partOf(relative(root, name).split(sep).join('/'))
    const part = parts.get(key) ?? { passed: 0, failed: 0, ms: 0 }
    const passed = assertionResults.filter((each) => each.status === 'passed').length
    const notLoaded = status === 'failed' && passed === assertionResults.length ? 1 : 0
    part.passed += passed
    part.failed += assertionResults.length - passed + notLoaded
    part.ms += endTime - startTime
    parts.set(key, part)
  }
  const details = [...parts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { passed, failed, ms }]) => ({ name, passed, failed, seconds: ms / 1000 }))
  return settle(run, details)
}

const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  errors: z.array(z.unknown()),
})

export function readPlaywright(file: string, run: Run): Outcome {
  const { stats, errors } = playwrightReport.parse(JSON.parse(readFileSync(file, 'utf8')))
  const failed = stats.unexpected + stats.flaky + stats.skipped + errors.length
  return settle(run, [{ name: run.name, passed: stats.expected, failed, seconds: run.seconds }])
}

/** A run that ends badly, or without a single test, has failed even if no test says so. */
function settle(run: Run, details: readonly Outcome[]): Outcome {
  const passed = details.reduce((sum, detail) => sum + detail.passed, 0)
  const counted = details.reduce((sum, detail) => sum + detail.failed, 0)
  const unexplained = counted === 0 && (passed === 0 || run.exitCode !== 0) ? 1 : 0
  if (unexplained === 1) console.error(`${run.name}: ${passed === 0 ? 'no test ran' : `ended with ${run.exitCode}`}.`)
  return { name: run.name, passed, failed: counted + unexplained, seconds: run.seconds, ...withDetails(details) }
}

function withDetails(details: readonly Outcome[]): { details?: readonly Outcome[] } {
  return details.length > 1 ? { details } : {}
}
