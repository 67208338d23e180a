import { type CampaignResult, shorten } from './campaign'
import { type CampaignOptions, repeating } from './options'
import type { SeedReport } from './worker'

/** Red seeds told in full; the rest by the number. */
const toldMax = 5
const shortenedMax = 2

/** Tells what happened in a campaign, and how to repeat what went wrong. */
export async function printCampaign(
  options: CampaignOptions,
  { passed, red, tally, missing }: CampaignResult,
): Promise<{ passed: number; failed: number }> {
  console.log(
    `In this campaign (${options.seeds} seeds × ${options.steps} steps on ${options.store}): ${JSON.stringify(tally)}`,
  )
  for (const [index, { seed, failure }] of red.slice(0, toldMax).entries()) {
    if (!failure) continue
    console.log(`\nSeed ${seed} is red at step ${failure.step}: ${failure.message}`)
    console.log(`  It happened at: ${failure.lines.join(' · ')}`)
    console.log(`  Repeat it: ${repeating(options, seed)}`)
    if (index < shortenedMax) console.log(`  Shorter:   ${repeating(await shorten(options, seed), seed)}`)
  }
  if (red.length > toldMax)
    console.log(
      `\nAlso red: ${red
        .slice(toldMax)
        .map(({ seed }) => seed)
        .join(', ')}`,
    )
  for (const happening of missing) console.log(`This campaign proves nothing about "${happening}": it never happened.`)
  return { passed, failed: red.length + missing.length }
}

const toldEveryMs = 30_000

/** For whoever waits: how far a long campaign is, now and then, and each red seed as soon as it is one. */
export function progressOf(options: CampaignOptions): (report: SeedReport, done: number) => void {
  const startedAtMs = performance.now()
  let toldAtMs = startedAtMs
  let redCount = 0
  return ({ seed, failure }, done) => {
    if (failure) {
      redCount += 1
      console.error(`Seed ${seed} is red: ${failure.message.split('\n')[0]}`)
    }
    const nowMs = performance.now()
    if (nowMs - toldAtMs < toldEveryMs || done === options.seeds) return
    toldAtMs = nowMs
    const leftSeconds = Math.round((((nowMs - startedAtMs) / done) * (options.seeds - done)) / 1000)
    console.error(`${done} of ${options.seeds} seeds, ${redCount} red, about ${leftSeconds} s left`)
  }
}
