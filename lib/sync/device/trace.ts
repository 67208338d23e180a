import type { PushState } from '../core/push-loop'
import type { TailState } from '../core/tail-loop'
import type { TransportOutcome } from './transport'

/** What the engine of a device tells about itself, as one stream. Logging and inspectors subscribe from outside. */
export type DeviceTrace =
  | { readonly kind: 'started'; readonly clientId: string; readonly pending: number; readonly rerun: number }
  /** An action runs for the first time, and came to an end: what does not end is ended with its worker (FM-63). */
  | { readonly kind: 'began'; readonly actionId: string; readonly name: string }
  | { readonly kind: 'ran'; readonly actionId: string }
  | { readonly kind: 'executed'; readonly actionId: string; readonly name: string }
  | { readonly kind: 'not-run'; readonly name: string; readonly reason: string; readonly error: Error | null }
  | { readonly kind: 'not-stored'; readonly actionId: string; readonly error: unknown }
  | { readonly kind: 'replay-threw'; readonly actionId: string; readonly reason: string; readonly error: Error | null }
  | {
      readonly kind: 'received'
      readonly entries: number
      readonly snapshots: number
      readonly rows: number
      readonly settled: number
      readonly replayed: number
    }
  | { readonly kind: 'corrected'; readonly actionId: string }
  | { readonly kind: 'gap' }
  /** Audiences this user does not hold any more: their rows are gone from here. */
  | { readonly kind: 'left'; readonly audiences: number }
  | { readonly kind: 'reset'; readonly offered: number }
  | { readonly kind: 'restamped'; readonly actions: number; readonly offsetMs: number }
  | { readonly kind: 'forked'; readonly clientId: string }
  | { readonly kind: 'taken-in'; readonly fresh: number; readonly clientId: string }
  | { readonly kind: 'exchanged'; readonly outcome: TransportOutcome['kind']; readonly offered: number }
  | { readonly kind: 'push-state'; readonly state: PushState }
  | { readonly kind: 'held'; readonly actionId: string; readonly reason: string }
  | { readonly kind: 'tail-state'; readonly state: TailState }
  | { readonly kind: 'tail-told'; readonly entries: number; readonly isTaken: boolean }
  | { readonly kind: 'tail-ended'; readonly error: Error | null }
  | { readonly kind: 'digests-compared'; readonly audiences: number }
  | { readonly kind: 'digest-mismatch'; readonly audience: string; readonly device: string; readonly server: string }
  | { readonly kind: 'load-failed'; readonly error: unknown }
  /** There is no room left on this device, or there is again (FM-10). */
  | { readonly kind: 'space'; readonly isFull: boolean }
  /** What the database keeps cannot be read: it is left aside (FM-13). */
  | { readonly kind: 'damaged'; readonly error: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }
