/** How cruel a world is: drawn once per seed. Some worlds have no faults at all, so that what they find is not their fault. */
import type { Retention } from '@/lib/sync/core/horizon'
import { defaultLateBudget, type LateBudget } from '@/lib/sync/core/late-budget'
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
  /** How far back history reaches where it is compacted at all. */
  readonly retention: Retention
  readonly isCompacting: boolean
  /** Whether somebody deploys other code in this world, and takes it back. */
  readonly isDeploying: boolean
  readonly lateBudget: LateBudget
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
    ...horizonOf(chance),
  }
}

/** Much shorter than anybody would choose: what takes months elsewhere happens within minutes here. */
function horizonOf(chance: Chance): Pick<Faults, 'isCompacting' | 'isDeploying' | 'retention' | 'lateBudget'> {
  const lateWindowMs = between(chance, 1, 60) * (isLucky(chance, 0.5) ? 1_000 : 60_000)
  const small = { ...defaultLateBudget, perIngestMax: between(chance, 0, 8), perUserAndHourMax: between(chance, 0, 40) }
  const nearMax = isLucky(chance, 0.5) ? defaultLateBudget.nearMax : between(chance, 1, 6)
  return {
    isCompacting: isLucky(chance, 0.5),
    isDeploying: isLucky(chance, 0.3),
    retention: {
      lateWindowMs,
      keptHistoryMs: lateWindowMs * between(chance, 1, 3),
      entriesMax: between(chance, 1, 60),
    },
    lateBudget: { ...(isLucky(chance, 0.7) ? defaultLateBudget : small), nearMax },
  }
}
