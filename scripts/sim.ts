/**
 * `npm run sim`: a campaign of simulated worlds, one per seed (tests/sim). A red seed prints the command that repeats it.
 *
 *    npm run sim -- --seeds 1000 --from 1 --steps 200       seeds 1 to 1,000, in memory
 *    npm run sim -- --seeds 20 --store postgres             the server on PostgreSQL 18; `pglite`: everything on PGlite
 *    npm run sim -- --seed 42 --trace                       one seed, step by step
 *    npm run sim -- --seed 42 --shorten                     looks for fewer steps that are red as well
 */
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { runCampaign, shorten } from '../tests/sim/campaign'
import { type CampaignOptions, campaignOptions, repeating } from '../tests/sim/options'
import { printCampaign } from '../tests/sim/print'
import { traceSeed } from '../tests/sim/trace'

const usage =
  'Write: npm run sim -- [--seeds 1000] [--from 1] [--seed 42] [--steps 200] [--store memory|pglite|postgres] [--without 3,4] [--trace] [--shorten]'

interface Asked {
  readonly options: CampaignOptions
  readonly isTracing: boolean
  readonly isShortening: boolean
}

function readOptions(words: readonly string[]): Asked {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...words],
    options: {
      ...{ seeds: text, from: text, seed: text, steps: text, store: text, without: text },
      trace: flag,
      shorten: flag,
    },
  })
  const {
    seed,
    seeds = '1000',
    from = '1',
    steps = '200',
    store = 'memory',
    without = '',
    trace,
    shorten: isShortening,
  } = values
  const options = campaignOptions.parse({
    seeds: seed === undefined ? Number(seeds) : 1,
    from: Number(seed ?? from),
    steps: Number(steps),
    without: without.split(',').filter(Boolean).map(Number),
    store,
  })
  return { options, isTracing: trace, isShortening }
}

function askedOrUsage(): Asked {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}\n${usage}`)
    process.exit(2)
  }
}

const { options, isTracing, isShortening } = askedOrUsage()
if (isShortening) console.log(`Shorter: ${repeating(await shorten(options, options.from), options.from)}`)
else if (isTracing) process.exitCode = (await traceSeed(options)) ? 0 : 1
else {
  const result = await runCampaign({ options })
  const { passed, failed } = await printCampaign(options, result)
  console.log(`\nin ${result.seconds.toFixed(1)} s\n${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
