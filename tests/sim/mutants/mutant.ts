import type { Change } from '../bundle'

/** A mistake somebody could make, planted in a copy of the engine: the simulation must find it. */
export interface Mutant {
  /** A sentence: what the engine does wrong. */
  readonly name: string
  readonly changes: readonly Change[]
  /** Rules, counter-examples and failures it is about. */
  readonly cites: readonly string[]
  /** Why the simulation cannot see it, and what does; then it is not hunted. */
  readonly survives?: string
}
