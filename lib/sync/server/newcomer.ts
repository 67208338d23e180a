/** An offered action on its way into history, and what became of it so far. */
import type { AnyAction } from '../action'
import type { ActionAudiences } from '../core/audience'
import { bodyHash, canonicalJson } from '../core/canonical-json'
import type { OfferedAction, Receipt } from '../core/protocol'
import type { PlacedAction } from '../core/replay-set'
import { namedAudiences, type Registry, resolveAction } from '../store/resolve-action'
import { isFitInput } from './storable'

export interface Newcomer extends PlacedAction {
  readonly offered: OfferedAction
  readonly hash: string
  readonly clientId: string
  readonly definition: AnyAction
  /** Parsed by the action's schema. */
  readonly input: unknown
  /** Canonical JSON text, as it is stored. */
  readonly inputText: string
  readonly audiences: ActionAudiences
  readonly isRestamped: boolean
}

/** What can be said about an offer without looking at the database. */
export type Offer =
  | { readonly kind: 'runnable'; readonly offered: OfferedAction; readonly hash: string; readonly newcomer: Newcomer }
  | { readonly kind: 'held'; readonly offered: OfferedAction; readonly hash: string; readonly reason: string }
  | { readonly kind: 'refused'; readonly offered: OfferedAction; readonly hash: string; readonly reason: string }

export interface Offering {
  readonly registry: Registry
  readonly author: string
  readonly clientId: string
}

export function readOffer(offering: Offering, offered: OfferedAction): Offer {
  const { author, clientId } = offering
  const inputText = canonicalJson(offered.input)
  const hash = bodyHash({ ...offered, author })
  if (!isFitInput(offered.input, inputText)) return { kind: 'refused', offered, hash, reason: 'invalid-input' }
  const resolved = resolveAction(offering.registry, { ...offered, input: JSON.parse(inputText) as unknown })
  if (resolved.kind === 'unknown') return { kind: 'held', offered, hash, reason: 'unknown-version' }
  if (resolved.kind === 'invalid') return { kind: 'refused', offered, hash, reason: 'invalid-input' }
  const { definition, input } = resolved
  const audiences = audiencesOf(definition, input, { id: offered.id, author })
  if (!audiences) return { kind: 'refused', offered, hash, reason: 'invalid-input' }
  const { writes, reads } = audiences
  const newcomer: Newcomer = {
    id: offered.id,
    clock: offered.clock,
    author,
    writes,
    reads,
    offered,
    hash,
    clientId,
    definition,
    input,
    inputText,
    audiences,
    isRestamped: false,
  }
  return { kind: 'runnable', offered, hash, newcomer }
}

/** Null when the app's own `audiences()` cannot make sense of the input: nobody could ever run it. */
function audiencesOf(
  definition: AnyAction,
  input: unknown,
  record: { readonly id: string; readonly author: string },
): ActionAudiences | null {
  try {
    return namedAudiences(definition, input, record)
  } catch {
    return null
  }
}

/** Why something waits that was confirmed before its device's last reset, and may not run now (AUD-4). */
export const afterRestore = 'after-restore'

/** A receipt for an offer that did not become part of history. */
export function turnedAway(
  offer: { readonly offered: OfferedAction; readonly clientId: string },
  verdict: { readonly status: 'refused' | 'held'; readonly reason: string; readonly revision: number },
): Receipt {
  return {
    actionId: offer.offered.id,
    clientId: offer.clientId,
    name: offer.offered.name,
    version: offer.offered.version,
    revision: verdict.revision,
    status: verdict.status,
    reason: verdict.reason,
    details: null,
    clock: null,
    restamped: false,
    effect: null,
    positions: {},
  }
}
