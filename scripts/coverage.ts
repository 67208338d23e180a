/**
 * `npm run coverage`: which branches of the engine the tests of Vitest and a hundred simulated worlds take, file by file.
 * Fails below the floor. The full report is in `.cache/coverage/index.html`. Takes as long as the tests do.
 */
import { run } from './steps'

const engine = ['core', 'device', 'server'].map((floor) => `--coverage.include=lib/sync/${floor}/**/*.ts`)

process.exitCode = await run({
  program: { package: 'vitest', file: 'vitest.mjs' },
  options: [
    ...['run', '--exclude=tests/tidy/**', '--reporter=dot'],
    ...['--coverage.enabled', '--coverage.provider=v8', '--coverage.reportsDirectory=.cache/coverage', ...engine],
    ...['--coverage.exclude=**/*.test.ts', '--coverage.thresholds.branches=90'],
    ...['--coverage.reporter=text', '--coverage.reporter=html', '--coverage.reporter=json-summary'],
    ...process.argv.slice(2),
  ],
  environment: { SIM_SEEDS: '100' },
})
