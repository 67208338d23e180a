/**
 * `npm run sim`: a campaign of random worlds, one per seed (tests/sim). A red seed prints the command that repeats it.
 *
 *    npm run sim -- --seeds 20 --from 1 --steps 60      seeds 1 to 20
 *    npm run sim -- --seed 42 --trace                   one seed, step by step
 *    npm run sim -- --seed 42 --shorten                 looks for fewer steps that are red as well
 *    npm run sim -- --store postgres                    the server on PostgreSQL 18 instead of PGlite
 */
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type CampaignOptions, campaignOptions, campaignVariable } from '../tests/sim/tracker/options'
import { runVitest } from './vitest'

const usage =
  'Write: npm run sim -- [--seeds 20] [--from 1] [--seed 42] [--steps 60] [--store pglite|postgres] [--without 3,4] [--trace] [--shorten]'

function readOptions(words: readonly string[]): CampaignOptions {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...words],
    options: {
      seeds: text,
      from: text,
      seed: text,
      steps: text,
      store: text,
      without: text,
      trace: flag,
      shorten: flag,
    },
  })
  const { seed, seeds = '20', from = '1', steps = '60', store = 'pglite', without = '', trace, shorten } = values
  return campaignOptions.parse({
    seeds: seed === undefined ? Number(seeds) : 1,
    from: Number(seed ?? from),
    steps: Number(steps),
    without: without.split(',').filter(Boolean).map(Number),
    ...{ store, trace, shorten },
  })
}

function optionsOrUsage(): CampaignOptions {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    console.error(`${problem}\n${usage}`)
    process.exit(2)
  }
}

const options = optionsOrUsage()
process.env[campaignVariable] = JSON.stringify(options)
const { passed, failed, seconds } = await runVitest({
  name: 'simulation',
  options: ['tests/sim/tracker', '--disable-console-intercept'],
  partOf: () => options.store,
})
console.log(`\nin ${seconds.toFixed(1)} s\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
