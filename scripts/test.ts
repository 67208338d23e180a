/**
 * `npm test`: everything, one part after another, with what each took. `npm test -- --only check,tests` runs some parts,
 * `npm test -- --full` ten times the worlds and the kills, for a night or before a release.
 *
 *    check        types, lint and format, unused code, the style of the house
 *    tests        unit tests, contracts, scenarios and the rest of Vitest, on PGlite and on PostgreSQL 18
 *    simulation   simulated worlds in memory, on PostgreSQL 18 and on PGlite (how many: simulations.ts)
 *    planted      bugs planted in copies of the engine: the simulation must catch each
 *    browser      production build, then Chromium against it on both databases
 *    kills        Chromium killed in the middle of a storm of actions, against that build
 */
import { parseArgs } from 'node:util'
import { runChecks } from './check'
import { runBrowserTests } from './e2e'
import { runPlanted, runSimulations, type Scale } from './simulations'
import { check, type Outcome, printSummary, total } from './steps'
import { runVitest } from './vitest'

const kills: Readonly<Record<Scale, number>> = { usual: 10, full: 100 }

const parts: Readonly<Record<string, (scale: Scale) => Promise<Outcome>>> = {
  check: runChecks,
  tests: () => runVitest({ name: 'tests', options: ['--exclude=tests/tidy/**'], partOf }),
  simulation: runSimulations,
  planted: runPlanted,
  browser: () => runBrowserTests(),
  kills: async (scale) => {
    const options = ['--kills', String(kills[scale])]
    return total('kills', [await check('kills', { program: { script: 'scripts/kills.ts' }, options })])
  },
}

/** The kind of a test is the folder it is in: `tests/contracts/store.test.ts` is a contract, the rest are unit tests. */
function partOf(path: string): string {
  return /^tests\/([^/]+)\//.exec(path)?.[1] ?? 'unit'
}

interface Asked {
  readonly names: readonly string[]
  readonly scale: Scale
}

function asked(options: readonly string[]): Asked {
  try {
    const { values } = parseArgs({
      args: [...options],
      options: { only: { type: 'string' }, full: { type: 'boolean', default: false } },
    })
    const names = values.only?.split(',') ?? Object.keys(parts)
    const unknown = names.find((name) => !(name in parts))
    if (unknown !== undefined) throw new Error(`There is no part "${unknown}".`)
    return { names, scale: values.full ? 'full' : 'usual' }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    console.error(`${why}\nWrite: npm test -- [--only ${Object.keys(parts).join(',')}] [--full]`)
    process.exit(2)
  }
}

async function runPart(name: string, scale: Scale): Promise<Outcome> {
  const part = parts[name]
  if (part === undefined) throw new Error(`There is no part "${name}".`)
  try {
    return await part(scale)
  } catch (error) {
    // One part that cannot even start must not hide what the others found.
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    return { name, passed: 0, failed: 1, seconds: 0 }
  }
}

const { names, scale } = asked(process.argv.slice(2))
const outcomes: Outcome[] = []
for (const name of names) outcomes.push(await runPart(name, scale))
printSummary(outcomes)
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
process.exitCode = failed > 0 ? 1 : 0
console.log(`\n${passed} passed, ${failed} failed`)
