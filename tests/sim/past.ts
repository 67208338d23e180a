import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { runCampaign } from './campaign'
import { printCampaign } from './print'

/** Seeds that were red once, each with a sentence. Steps draw otherwise when the simulation changes; the sentence stays true. */
const past = z.array(z.strictObject({ seed: z.number().int(), steps: z.number().int(), why: z.string() }))

export async function runPastSeeds(): Promise<{ passed: number; failed: number }> {
  const counts = { passed: 0, failed: 0 }
  for (const { seed, steps, why } of past.parse(
    JSON.parse(readFileSync(new URL('seeds.json', import.meta.url), 'utf8')),
  )) {
    const options = { seeds: 1, from: seed, steps, store: 'memory' as const, without: [] }
    const { passed, failed } = await printCampaign(options, await runCampaign({ options }))
    if (failed > 0) console.log(`It was red before: ${why}`)
    counts.passed += passed
    counts.failed += failed
  }
  return counts
}
