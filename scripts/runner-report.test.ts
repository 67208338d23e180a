import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readPlaywright, readVitest } from './runner-report'
import { root } from './steps'

const folder = mkdtempSync(join(tmpdir(), 'beamline-report-'))
const run = { name: 'tests', exitCode: 0, seconds: 1 }

function report(content: object): string {
  const file = join(folder, 'report.json')
  writeFileSync(file, JSON.stringify(content))
  return file
}

function file(path: string, statuses: readonly string[]) {
  return {
    name: join(root, path),
    status: statuses.every((status) => status === 'passed') && statuses.length > 0 ? 'passed' : 'failed',
    startTime: 1_000,
    endTime: 3_000,
    assertionResults: statuses.map((status) => ({ status })),
  }
}

const vitest = (files: readonly object[], exitCode = 0) =>
  readVitest(report({ testResults: files }), { ...run, exitCode }, (path) => path.split('/')[0] ?? '')

const playwright = (stats: object, errors: readonly object[] = []) =>
  readPlaywright(report({ stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0, ...stats }, errors }), run)

describe('what a run counts as', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('adds tests up by part', () => {
    const outcome = vitest([file('lib/a.test.ts', ['passed', 'passed']), file('db/b.test.ts', ['passed', 'failed'])], 1)
    expect(outcome).toMatchObject({ passed: 3, failed: 1 })
    expect(outcome.details).toEqual([
      { name: 'db', passed: 1, failed: 1, seconds: 2 },
      { name: 'lib', passed: 2, failed: 0, seconds: 2 },
    ])
  })

  it.each([
    ['a skipped test', [file('lib/a.test.ts', ['passed', 'skipped'])], 0],
    ['a test that is only planned', [file('lib/a.test.ts', ['passed', 'todo'])], 0],
    ['a file that does not load', [file('lib/a.test.ts', ['passed']), file('lib/b.test.ts', [])], 1],
    ['no test at all', [], 0],
    ['a run that ends badly without a failed test', [file('lib/a.test.ts', ['passed'])], 1],
  ])('%s is a failure of a Vitest run', (_, files, exitCode) => {
    expect(vitest(files, exitCode).failed).toBe(1)
  })

  it.each([
    ['a failed test', { expected: 3, unexpected: 1 }, []],
    ['a flaky test', { expected: 3, flaky: 1 }, []],
    ['a skipped test', { expected: 3, skipped: 1 }, []],
    ['no test at all', {}, []],
    ['an error outside tests', { expected: 3 }, [{ message: 'globalSetup failed' }]],
  ])('%s is a failure of a Playwright run', (_, stats, errors) => {
    expect(playwright(stats, errors).failed).toBe(1)
  })

  it('a clean run has no failure', () => {
    expect(vitest([file('lib/a.test.ts', ['passed'])])).toMatchObject({ passed: 1, failed: 0 })
    expect(playwright({ expected: 4 })).toMatchObject({ passed: 4, failed: 0 })
  })
})
