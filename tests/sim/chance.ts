/**
 * Chance by sfc32 (Chris Doty-Humphrey, PractRand), a stream of its own for every step: leaving one step out changes
 * nothing about the others, so that a red run can be made shorter.
 */
import type { Chance } from '../support/busywork'

export type { Chance }

/** Places beside the numbered steps that draw from streams of their own. */
const places = { world: 0, ids: -1, engine: -2 } as const

/** What the live tail does in a step draws apart from the step: so the step is the same with or without one. */
export function tailChanceOf(seed: number, step: number): Chance {
  return { next: sfc32(seed, -1_000 - step) }
}

export function chanceOf(seed: number, step: number | keyof typeof places): Chance {
  return { next: sfc32(seed, typeof step === 'number' ? step : places[step]) }
}

function sfc32(seed: number, stream: number): () => number {
  let [a, b, c, counter] = [seed | 0, (seed / 2 ** 32) | 0, stream | 0, 1]
  const next = () => {
    const mixed = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + mixed) | 0
    return (mixed >>> 0) / 2 ** 32
  }
  // Seeds that differ in a bit are strangers after these rounds.
  for (let round = 0; round < 15; round += 1) next()
  return next
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

/** Chooses among names by weight, again and again. */
export function chooser<Name extends string>(weights: Readonly<Record<Name, number>>): (chance: Chance) => Name {
  const names = Object.keys(weights) as Name[]
  let sum = 0
  const bounds = names.map((name) => {
    sum += weights[name]
    return sum
  })
  return (chance) => {
    const drawn = chance.next() * sum
    const name = names[bounds.findIndex((bound) => drawn < bound)]
    if (name === undefined) throw new RangeError('Weights must be positive')
    return name
  }
}

/** A random uuid of version 4 from a stream. */
export function uuidOf(chance: Chance): string {
  const word = () =>
    Math.floor(chance.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  const [a, b, c, d] = [word(), word(), word(), word()]
  const variant = '89ab'[Number.parseInt(c.slice(0, 1), 16) & 3]
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`
}
