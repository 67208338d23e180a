/**
 * What the engine tells about itself: one typed stream. Logging, telemetry and inspectors subscribe from outside; there
 * are no log lines inside the algorithm.
 */
import type { RestampReason } from './late-budget'

export type TraceEvent =
  | {
      readonly kind: 'ingest'
      readonly path: 'fast' | 'late' | 'restamped'
      readonly newcomers: readonly string[]
      readonly replayed: number
    }
  /** Newcomers that do not get the place their clocks ask for (HLC-4). */
  | { readonly kind: 'restamped'; readonly newcomers: readonly string[]; readonly why: RestampReason }
  | { readonly kind: 'compacted'; readonly sealed: number; readonly entries: number; readonly actions: number }
  /** A build was let in; `changed` is what made it seal history (DEP-1). */
  | {
      readonly kind: 'deployed'
      readonly build: string
      readonly changed: readonly string[]
      /** Audiences that were sealed. */
      readonly sealed: number
    }
  | { readonly kind: 'action-error'; readonly actionId: string; readonly name: string; readonly error: Error }
  | { readonly kind: 'refused'; readonly actionId: string; readonly name: string; readonly reason: string }
  | { readonly kind: 'retry'; readonly attempt: number; readonly error: Error }
  | {
      readonly kind: 'exchange'
      readonly answer: string
      readonly entries: number
      readonly snapshots: number
      /** Audiences whose cursor is below the floor: a snapshot leads past it (FM-54). */
      readonly behind: number
    }
  | { readonly kind: 'digest-mismatch'; readonly audience: string; readonly device: string; readonly server: string }
  | { readonly kind: 'snapshot'; readonly rows: number }
  | { readonly kind: 'execute'; readonly actionId: string; readonly name: string }
  | { readonly kind: 'rebase'; readonly applied: number; readonly replayed: number }
  | { readonly kind: 'sync-stopped'; readonly error: Error }

export type Trace = (event: TraceEvent) => void
