/** What every part of the server half is given: the store, the app's actions, and injected clock, ids and pauses. */
import type { AnyAction } from '../action'
import type { Fingerprints } from '../core/deploy'
import { defaultRetention, type Retention, retentionProblem } from '../core/horizon'
import { defaultLateBudget, type LateBudget } from '../core/late-budget'
import { limits } from '../core/protocol'
import type { Trace } from '../core/trace'
import type { SyncModel } from '../model'
import { createRegistry, type Registry } from '../store/resolve-action'
import type { ServerStore } from '../store/server/transaction'

export interface SyncServerOptions {
  readonly store: ServerStore
  readonly actions: readonly AnyAction[]
  readonly model: SyncModel
  /** Names the running build; devices offer held actions again when it changes (ACT-4). */
  readonly build: string
  /** Fingerprint of the tables it works on. Without one it is compared with nothing (DEP-2). */
  readonly schema?: string | null
  /** Fingerprints of the code it runs (DEP-1). */
  readonly shipped?: Fingerprints
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A random uuid. */
  readonly newId: () => string
  /** Waits before a retry. */
  readonly pause: (ms: number) => Promise<void>
  /** A number in [0, 1), for jitter. */
  readonly random: () => number
  readonly trace?: Trace
  /** Called once an ingest is committed, with the audiences that have new entries: those who wait for them read (SHP-3). */
  readonly onAppended?: (audiences: readonly string[]) => void
  /** Time one statement of an action may take on Postgres before the action is refused. Default 5,000. */
  readonly statementTimeoutMs?: number
  /** How much one answer reads. */
  readonly page?: PageBounds
  /** How far back history reaches. */
  readonly retention?: Retention
  /** How long its devices keep confirmed actions; history must reach as far (OUT-1). */
  readonly outboxRetentionMs?: number
  /** How much may be replayed for late arrivals (HLC-4). */
  readonly lateBudget?: LateBudget
}

export interface PageBounds {
  readonly entriesMax: number
  /** Rows after which an answer takes no further snapshot; an audience that has more travels as a stream (SNAP-1). */
  readonly snapshotRowsMax: number
  /** JSON of entries, in characters, after which an answer ends. Some platforms bound answers to 4.5 MB. */
  readonly charactersMax: number
}

type Given = Omit<SyncServerOptions, 'actions' | keyof Defaults>

interface Defaults {
  readonly schema: string | null
  readonly shipped: Fingerprints
  readonly trace: Trace
  readonly onAppended: (audiences: readonly string[]) => void
  readonly statementTimeoutMs: number
  readonly page: PageBounds
  readonly retention: Retention
  readonly lateBudget: LateBudget
}

export interface ServerEngine extends Given, Defaults {
  readonly registry: Registry
}

/** Throws when history would be kept for a shorter time than late arrivals may need it (FM-55). */
export function createServerEngine(options: SyncServerOptions): ServerEngine {
  const retention = options.retention ?? defaultRetention
  const problem = retentionProblem(retention, options.outboxRetentionMs)
  if (problem !== null) throw new RangeError(problem)
  return {
    ...options,
    registry: createRegistry(options.actions),
    trace: options.trace ?? (() => undefined),
    onAppended: options.onAppended ?? (() => undefined),
    statementTimeoutMs: options.statementTimeoutMs ?? 5_000,
    schema: options.schema ?? null,
    shipped: options.shipped ?? {},
    retention,
    lateBudget: options.lateBudget ?? defaultLateBudget,
    page: options.page ?? { entriesMax: limits.pageEntriesMax, snapshotRowsMax: 2_000, charactersMax: 3_000_000 },
  }
}
