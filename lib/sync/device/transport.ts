/** How a device reaches the server. `transport/` implements it; the engine never sees an error of HTTP or tRPC. */
import type { ExchangeAnswer, ExchangeRequest, SnapshotRequest } from '../core/protocol'

export type TransportOutcome =
  | { readonly kind: 'answer'; readonly answer: ExchangeAnswer }
  /** No answer: no network, a broken connection, or the deadline passed. The server may have taken the push. */
  | { readonly kind: 'offline' }
  /** 401: sync pauses for sign-in and keeps everything. */
  | { readonly kind: 'signed-out' }
  /** 429 and 5xx. */
  | { readonly kind: 'back-off'; readonly isRateLimit: boolean; readonly retryAfterMs: number | null }
  /** Not an answer of ours: a captive portal, a truncated body, another content type (NET-1). */
  | { readonly kind: 'invalid'; readonly message: string }
  /** 413: the push does not fit through. */
  | { readonly kind: 'too-large' }
  /** The server does not speak this device's protocol any more, or refuses the envelope: the app must be updated. */
  | { readonly kind: 'refused'; readonly message: string }

export type SnapshotOutcome =
  /** Text of `core/snapshot-stream`. Reading it rejects when the connection breaks, and with the signal. */
  | { readonly kind: 'stream'; readonly text: AsyncIterable<string> }
  /** The user does not hold the audience any more: the next exchange says so too. */
  | { readonly kind: 'not-held' }
  | Exclude<TransportOutcome, { kind: 'answer' }>

export interface Transport {
  /** Never rejects. */
  snapshot(request: SnapshotRequest, options: { readonly signal: AbortSignal }): Promise<SnapshotOutcome>
  /** Never rejects. The signal ends it with `offline`. */
  exchange(request: ExchangeRequest, options: { readonly signal: AbortSignal }): Promise<TransportOutcome>
}
