/**
 * `npm run check`: types, lint and format, the style of the house (tests/tidy), unused code. Each part goes on when an
 * earlier one failed, so that one run tells everything.
 */
import { pathToFileURL } from 'node:url'
import { check, type Outcome, printSummary, total } from './steps'
import { runVitest } from './vitest'

/** The quick checks, without a browser and without a build. */
export async function runChecks(): Promise<Outcome> {
  const outcomes: Outcome[] = []
  // Pages get their types from files that Next writes; a fresh clone has none yet.
  const next = await check('types of the pages', {
    program: { package: 'next', file: 'dist/bin/next' },
    options: ['typegen'],
    environment: { NEXT_TELEMETRY_DISABLED: '1' },
  })
  if (next.failed > 0) outcomes.push(next)
  outcomes.push(
    await check('types', { program: { package: 'typescript', file: 'bin/tsc' }, options: ['--noEmit'] }),
    await check('lint and format', {
      program: { package: '@biomejs/biome', file: 'bin/biome' },
      options: ['check', '--error-on-warnings'],
    }),
    await check('unused code', { program: { package: 'knip', file: 'bin/knip.js' }, options: ['--no-progress'] }),
    await check('fingerprints', { program: { script: 'scripts/fingerprints.ts' }, options: ['--check'] }),
    await runVitest({ name: 'tidy', options: ['tests/tidy'], partOf: () => 'tidy' }),
  )
  return total('check', outcomes)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const outcome = await runChecks()
  printSummary([outcome])
  if (outcome.failed > 0) {
    console.error('\nSee the messages above. Format and order of imports mend themselves: npx biome check --write')
    process.exit(1)
  }
}
