import type { DeviceStore } from '../store/device/transaction'
import type { Registry } from '../store/resolve-action'
import type { Outbox, OutboxState } from './outbox'
import type { Space } from './storage-space'
import type { DeviceTrace } from './trace'

/**
 * Everything the parts of a device share. `identity` changes inside transactions only, which run one after another; but its
 * `offsetMs` changes with any answer.
 */
export interface DeviceContext {
  readonly store: DeviceStore
  readonly outbox: Outbox
  readonly registry: Registry
  readonly userId: string
  /** Every action runs twice and is compared (ACT-1). */
  readonly isDevelopment: boolean
  /** This device's clock, in milliseconds since 1970, as wrong as it may be. */
  now(): number
  newId(): string
  trace(event: DeviceTrace): void
  /** Makes PGlite's files durable, as far as it can. */
  flush(): Promise<void>
  /** How often this device started over: what was asked for before does not count any more (SNAP-1). */
  beginnings: number
  /** The server's tables are not those of this device: it sends what it has, and takes no rows (DEP-2). */
  isOutdated: boolean
  /** Audiences whose digests are still to be compared in this round; null between rounds. */
  digestsLeft: readonly string[] | null
  /** Who this device is; what the outbox keeps of it. */
  identity: OutboxState
  /** Actions whose outbox write is not done yet: they are not sent (EXE-1). */
  readonly unwritten: Set<string>
  /** Of those, the ones whose write failed and that could not be taken out of PGlite either: its disk is full, too. */
  readonly unwithdrawn: Set<string>
  /** Whether this device can keep more. */
  readonly space: Space
  /** How long confirmed actions stay in the outbox, and when that was last looked at, in server time (OUT-1). */
  readonly retention: { readonly ms: number; endedAtMs: number | null }
}

/** Server time as far as this device knows it. */
export function correctedNow(context: Pick<DeviceContext, 'now' | 'identity'>): number {
  return context.now() + context.identity.offsetMs
}
