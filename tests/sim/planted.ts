/** Plants one bug after another in a copy of the engine and lets the simulation look for it. */
import { availableParallelism } from 'node:os'
import { runCampaign } from './campaign'
import { deciding } from './mutants/deciding'
import { ofDevices } from './mutants/device'
import { ofHorizon } from './mutants/horizon'
import type { Mutant } from './mutants/mutant'
import { ofServers } from './mutants/server'
import { ofStreams } from './mutants/streams'

export const mutants: readonly Mutant[] = [...deciding, ...ofDevices, ...ofServers, ...ofStreams, ...ofHorizon]

export interface Hunt {
  readonly mutant: Mutant
  /** Seeds until it was caught; null: it got away. */
  readonly seeds: number | null
  /** By what. */
  readonly message: string
}

/** What a pull request can afford for one bug. */
const seedsMax = 300

export async function hunt(mutant: Mutant, place: number): Promise<Hunt> {
  let done = 0
  const { red } = await runCampaign({
    options: { seeds: seedsMax, from: 1, steps: 200, store: 'memory', without: [] },
    changes: mutant.changes,
    name: `planted-${place}`,
    isEndingAtRed: true,
    threads: 1,
    onReport: () => {
      done += 1
    },
  })
  const [first] = red
  const message = first?.failure?.message.split('\n')[0] ?? ''
  return { mutant, seeds: first ? done : null, message }
}

/**
 * Hunts all of them, or those whose names contain a text, as many at once as there are cores. Answers how many were caught
 * and how many got away.
 */
export async function huntAll(named = ''): Promise<{ passed: number; failed: number }> {
  const chosen = mutants.filter((mutant) => mutant.name.includes(named))
  for (const { name, cites, survives } of chosen) {
    if (survives !== undefined) console.log(`${name} [${cites.join(', ')}] – not hunted: ${survives}`)
  }
  const hunted = chosen.filter(({ survives }) => survives === undefined)
  const waiting = [...hunted.entries()]
  let passed = 0
  const huntNext = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [place, mutant] = next
      const { seeds, message } = await hunt(mutant, place)
      if (seeds !== null) passed += 1
      const how =
        seeds === null ? `GOT AWAY after ${seedsMax} seeds` : `caught after ${seeds} seeds: ${message.slice(0, 110)}`
      console.log(`${mutant.name} [${mutant.cites.join(', ')}] – ${how}`)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, huntNext))
  return { passed, failed: hunted.length - passed }
}
