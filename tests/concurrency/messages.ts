/** What goes over the pipe between a test and a server process. */
import type { ExchangeAnswer } from '@/lib/sync/core/protocol'

/** Planted bugs (faulty-store.ts). */
export type Flaw = 'no-locks' | 'no-snapshots'

export interface StartOptions {
  readonly url: string
  readonly connectionsMax: number
  readonly flaw: Flaw | null
}

/** A place to stop at that is no statement: an ingest was committed, and nobody was told yet. */
export const afterCommit = 'after commit'

export type ToServer =
  | {
      readonly kind: 'exchange'
      readonly call: number
      readonly userId: string
      readonly request: unknown
      readonly atMs: number
    }
  /** Before the next statement with this text, once. */
  | { readonly kind: 'stop-at'; readonly text: string }
  | { readonly kind: 'go' }
  | { readonly kind: 'close' }

export type FromServer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly call: number; readonly answer: ExchangeAnswer }
  | { readonly kind: 'failed'; readonly call: number; readonly message: string; readonly code: string }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'ingest-began' }
  | { readonly kind: 'ingest-ended' }
  | { readonly kind: 'ingested'; readonly path: 'fast' | 'late' | 'restamped' }
  | { readonly kind: 'retried'; readonly code: string }
