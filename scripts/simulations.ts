/** The simulation as parts of `npm test`: campaigns on every store, past failures, planted bugs. */
import { runCampaign } from '../tests/sim/campaign'
import type { StoreKind } from '../tests/sim/options'
import { runPastSeeds } from '../tests/sim/past'
import { huntAll } from '../tests/sim/planted'
import { printCampaign, progressOf } from '../tests/sim/print'
import { compareStores } from '../tests/sim/same'
import { type Outcome, total } from './steps'

/** What a run has time for, and what a night has. */
export type Scale = 'usual' | 'full'

/** Worlds by store. */
const campaigns: Readonly<Record<Scale, Readonly<Record<StoreKind, number>>>> = {
  usual: { memory: 1_000, postgres: 30, pglite: 10 },
  full: { memory: 10_000, postgres: 300, pglite: 100 },
}

export async function runSimulations(scale: Scale): Promise<Outcome> {
  const details: Outcome[] = []
  for (const [store, seeds] of Object.entries(campaigns[scale]) as [StoreKind, number][]) {
    console.log(`\n── simulation, ${seeds} seeds on ${store}`)
    const options = { store, seeds, from: 1, steps: 200, without: [] }
    const result = await runCampaign({ options, onReport: progressOf(options) })
    details.push({ name: `${seeds} on ${store}`, ...(await printCampaign(options, result)), seconds: result.seconds })
  }
  details.push(await timed('past failures', runPastSeeds))
  details.push(await timed('same counters on all stores', compareStores))
  return total('simulation', details)
}

export async function runPlanted(): Promise<Outcome> {
  console.log('\n── planted bugs')
  return timed('planted bugs', () => huntAll())
}

type Counted = { readonly passed: number; readonly failed: number }

async function timed(name: string, work: () => Promise<Counted>): Promise<Outcome> {
  const startedAtMs = performance.now()
  const counted = await work()
  return { name, ...counted, seconds: (performance.now() - startedAtMs) / 1000 }
}
