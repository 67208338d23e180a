/**
 * `npm test`: everything, one part after another, with what each took. `npm test -- --only check,tests` runs some parts.
 *
 *    check        types, lint and format, unused code, the style of the house
 *    tests        unit tests, contracts, scenarios and the rest of Vitest, on PGlite and on PostgreSQL 18
 *    simulation   1,000 simulated worlds in memory, 30 on PostgreSQL 18, 10 on PGlite
 *    planted      bugs planted in copies of the engine: the simulation must catch each
 *    browser      production build, then Chromium against it on both databases
 *    kills        Chromium killed in the middle of a storm of actions, against that build
 */
import { runChecks } from './check'
import { runBrowserTests } from './e2e'
import { runPlanted, runSimulations } from './simulations'
import { check, type Outcome, printSummary, total } from './steps'
import { runVitest } from './vitest'

const parts: Readonly<Record<string, () => Promise<Outcome>>> = {
  check: runChecks,
  tests: () => runVitest({ name: 'tests', options: ['--exclude=tests/tidy/**'], partOf }),
  simulation: runSimulations,
  planted: runPlanted,
  browser: () => runBrowserTests(),
  kills: async () => total('kills', [await check('kills', { program: { script: 'scripts/kills.ts' } })]),
}

/** The kind of a test is the folder it is in: `tests/contracts/store.test.ts` is a contract, the rest are unit tests. */
function partOf(path: string): string {
  return /^tests\/([^/]+)\//.exec(path)?.[1] ?? 'unit'
}

function chosenParts(options: readonly string[]): string[] {
  const [flag, list = ''] = options.flatMap((option) => option.split('='))
  if (flag === undefined) return Object.keys(parts)
  const chosen = list.split(',').filter((name) => name in parts)
  if (flag === '--only' && chosen.length > 0 && chosen.length === list.split(',').length) return chosen
  console.error(`Unknown option. Write: npm test -- --only ${Object.keys(parts).join(',')}`)
  process.exit(2)
}

async function runPart(name: string): Promise<Outcome> {
  const part = parts[name]
  if (part === undefined) throw new Error(`There is no part "${name}".`)
  try {
    return await part()
  } catch (error) {
    // One part that cannot even start must not hide what the others found.
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    return { name, passed: 0, failed: 1, seconds: 0 }
  }
}

const outcomes: Outcome[] = []
for (const name of chosenParts(process.argv.slice(2))) outcomes.push(await runPart(name))
printSummary(outcomes)
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
process.exitCode = failed > 0 ? 1 : 0
console.log(`\n${passed} passed, ${failed} failed`)
