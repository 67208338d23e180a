/**
 * What the engine tells about itself: one typed stream. Logging, telemetry and inspectors subscribe from outside; there
 * are no log lines inside the algorithm.
 */
export type TraceEvent =
  | {
      readonly kind: 'ingest'
      readonly path: 'fast' | 'late' | 'restamped'
      readonly newcomers: readonly string[]
      readonly replayed: number
    }
  | { readonly kind: 'action-error'; readonly actionId: string; readonly name: string; readonly error: Error }
  | { readonly kind: 'refused'; readonly actionId: string; readonly name: string; readonly reason: string }
  | { readonly kind: 'retry'; readonly attempt: number; readonly error: Error }
  | { readonly kind: 'exchange'; readonly answer: string; readonly entries: number; readonly snapshots: number }
  | { readonly kind: 'snapshot'; readonly rows: number }
  | { readonly kind: 'execute'; readonly actionId: string; readonly name: string }
  | { readonly kind: 'rebase'; readonly applied: number; readonly replayed: number }
  | { readonly kind: 'sync-stopped'; readonly error: Error }

export type Trace = (event: TraceEvent) => void
