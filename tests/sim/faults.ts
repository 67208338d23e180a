/** How cruel a world is: drawn once per seed. Some worlds have no faults at all, so that what they find is not their fault. */
import { between, type Chance, isLucky } from './chance'

/** What a network does to a message, as weights. */
export interface NetFaults {
  readonly none: number
  readonly 'lost request': number
  readonly 'lost answer': number
  readonly 'no answer in time': number
  readonly twice: number
  readonly html: number
  readonly 'html after all': number
  readonly 'rate limit': number
  readonly 'gateway error': number
  readonly 'gateway error after all': number
  readonly 'too large': number
}

/** Steps that hurt, as factors of their usual weight. */
export interface Faults {
  readonly net: NetFaults
  readonly factor: number
  readonly serverCount: 1 | 2
  /** Small pages in some worlds: answers are read in pieces. */
  readonly page: { readonly entriesMax: number; readonly snapshotRowsMax: number; readonly charactersMax: number }
  /** Whether the server may be restored in this world; then no outbox is lost: the one copy of what it confirmed. */
  readonly isRestoring: boolean
}

export function faultsOf(chance: Chance): Faults {
  const factor = isLucky(chance, 0.15) ? 0 : between(chance, 1, 6) / 3
  const trouble = () => (isLucky(chance, 0.5) ? between(chance, 1, 8) * factor : 0)
  return {
    net: {
      none: 60,
      ...{ 'lost request': trouble(), 'lost answer': trouble(), 'no answer in time': trouble(), twice: trouble() },
      ...{ html: trouble(), 'html after all': trouble() / 2, 'rate limit': trouble() / 2 },
      ...{ 'gateway error': trouble(), 'gateway error after all': trouble(), 'too large': trouble() / 2 },
    },
    factor,
    serverCount: isLucky(chance, 0.5) ? 2 : 1,
    isRestoring: isLucky(chance, 0.4),
    page: isLucky(chance, 0.5)
      ? { entriesMax: 1_000, snapshotRowsMax: 20_000, charactersMax: 3_000_000 }
      : {
          entriesMax: between(chance, 2, 12),
          snapshotRowsMax: between(chance, 1, 20),
          charactersMax: between(chance, 1_000, 20_000),
        },
  }
}
