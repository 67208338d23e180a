/**
 * What procedures may use, and for whom they work. Services come from outside, so that tests need no database.
 */
import type { ExchangeAnswer, ExchangeRequest, SnapshotRequest } from '@/lib/sync/core/protocol'
import type { RateLimit } from './rate-limit'
import type { Session } from './session'

export interface ShapeCall {
  readonly userId: string
  readonly parameters: URLSearchParams
  readonly schema: string | null
  readonly signal: AbortSignal
}

export interface Services {
  getSession(headers: Headers): Promise<Session | null>
  exchange(userId: string, request: ExchangeRequest): Promise<ExchangeAnswer>
  /** One audience as text; writing answers false when this user does not hold it (SNAP-1). */
  snapshot(
    userId: string,
    request: SnapshotRequest,
  ): Promise<{ readonly isShared: boolean; write(sink: (text: string) => Promise<void>): Promise<boolean> }>
  /** One request of the live tail of this user's log (SHP-1, SHP-3). `schema`: fingerprint the device works with. */
  shape(request: ShapeCall): Promise<Response>
  /** Rows of one of this server's own statements, as this user; null when they are too many. */
  firstRows(
    userId: string,
    statement: { readonly sql: string; readonly params: readonly unknown[] },
  ): Promise<readonly (readonly (string | number | boolean | null)[])[] | null>
  /** The registered person with this address, in lower case. */
  findPerson(email: string): Promise<{ readonly id: string; readonly name: string } | null>
  /** Counts one use of a key and says whether it was within the limit. */
  countUse(key: string, limit: RateLimit): Promise<boolean>
}

export interface Context {
  readonly services: Services
  readonly headers: Headers
}
