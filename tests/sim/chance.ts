/**
 * Chance by sfc32, a stream of its own for every step: leaving one step out changes nothing about the others, so that a
 * red run can be made shorter.
 */
import { seededRandom } from '@/lib/sync/core/ids'
import type { Chance } from '../support/busywork'

export function chanceOf(seed: number, step: number | 'world'): Chance {
  return { next: seededRandom(`simulation ${seed} step ${step}`) }
}

export function isLucky(chance: Chance, probability: number): boolean {
  return chance.next() < probability
}

/** A whole number from `least` to `most`, both possible. */
export function between(chance: Chance, least: number, most: number): number {
  return least + Math.floor(chance.next() * (most - least + 1))
}

/** One of the names, as often as its weight says. */
export function weighted<Name extends string>(chance: Chance, weights: Readonly<Record<Name, number>>): Name {
  const entries = Object.entries(weights) as [Name, number][]
  let rest = chance.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [name, weight] of entries) {
    rest -= weight
    if (rest < 0) return name
  }
  throw new RangeError('Weights must be positive')
}
