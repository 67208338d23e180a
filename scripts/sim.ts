/**
 * `npm run sim`: a campaign of simulated worlds, one per seed (tests/sim). A red seed prints the command that repeats it.
 *
 *    npm run sim -- --seeds 1000 --from 1 --steps 200       seeds 1 to 1,000, in memory
 *    npm run sim -- --seeds 20 --store postgres             the server on PostgreSQL 18; `pglite`: everything on PGlite
 *    npm run sim -- --seed 42 --trace                       one seed, step by step
 *    npm run sim -- --seed 42 --shorten                     looks for fewer steps that are red as well
 *    npm run sim -- --planted                               plants bugs in a copy of the engine, and catches them
 *    npm run sim -- --planted --named receipt               only those with that word in their names
 */
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { runCampaign, shorten } from '../tests/sim/campaign'
import { type CampaignOptions, campaignOptions, repeating } from '../tests/sim/options'
import { huntAll } from '../tests/sim/planted'
import { printCampaign, progressOf } from '../tests/sim/print'
import { traceSeed } from '../tests/sim/trace'

const usage =
  'Write: npm run sim -- [--seeds 1000] [--from 1] [--seed 42] [--steps 200] [--store memory|pglite|postgres] [--without 3,4] [--trace] [--shorten] [--planted [--named word]]'

interface Asked {
  readonly options: CampaignOptions
  readonly isTracing: boolean
  readonly isShortening: boolean
  /** Part of the names of planted bugs; null: none are planted. */
  readonly planted: string | null
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
      planted: flag,
      named: text,
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
  return { options, isTracing: trace, isShortening, planted: values.planted ? (values.named ?? '') : null }
}

function askedOrUsage(): Asked {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}\n${usage}`)
    process.exit(2)
  }
}

const { options, isTracing, isShortening, planted } = askedOrUsage()
if (planted !== null) end(await huntAll(planted))
else if (isShortening) console.log(`Shorter: ${repeating(await shorten(options, options.from), options.from)}`)
else if (isTracing) process.exitCode = (await traceSeed(options)) ? 0 : 1
else {
  const result = await runCampaign({ options, onReport: progressOf(options) })
  const counts = await printCampaign(options, result)
  console.log(`\nin ${result.seconds.toFixed(1)} s`)
  end(counts)
}

function end({ passed, failed }: { readonly passed: number; readonly failed: number }): void {
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
