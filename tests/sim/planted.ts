/** Plants one bug after another in a copy of the engine and lets the simulation look for it. */
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
    onReport: () => {
      done += 1
    },
  })
  const [first] = red
  const message = first?.failure?.message.split('\n')[0] ?? ''
  return { mutant, seeds: first ? done : null, message }
}

/** Hunts all of them, or those whose names contain a text. Answers how many were caught and how many got away. */
export async function huntAll(named = ''): Promise<{ passed: number; failed: number }> {
  const chosen = mutants.filter((mutant) => mutant.name.includes(named))
  let passed = 0
  let hunted = 0
  for (const [place, mutant] of chosen.entries()) {
    if (mutant.survives !== undefined) {
      console.log(`${mutant.name} [${mutant.cites.join(', ')}] – not hunted: ${mutant.survives}`)
      continue
    }
    hunted += 1
    const { seeds, message } = await hunt(mutant, place)
    if (seeds !== null) passed += 1
    const how =
      seeds === null ? `GOT AWAY after ${seedsMax} seeds` : `caught after ${seeds} seeds: ${message.slice(0, 110)}`
    console.log(`${mutant.name} [${mutant.cites.join(', ')}] – ${how}`)
  }
  return { passed, failed: hunted - passed }
}
