/** Names of audiences and what an action may found (ACT-2, AUD-2, AUD-4). */

export const publicAudience = 'public'

export function userAudience(userId: string): string {
  return `user:${userId}`
}

/** The part after the last colon: for a founded audience, an id the action handed out. */
export function audienceSubject(audience: string): string {
  return audience.slice(audience.lastIndexOf(':') + 1)
}

/** Everything an action named, split by what it may do there. `reads` holds audiences that are only read. */
export interface ActionAudiences {
  readonly writes: readonly string[]
  readonly reads: readonly string[]
  /** Those of `writes` whose subject is a keyed id of this action: it founds them (AUD-4). */
  readonly founded: readonly string[]
}

export function audienceSet(named: {
  readonly writes: readonly string[]
  readonly reads: readonly string[]
  readonly handedOut: ReadonlySet<string>
}): ActionAudiences {
  const writes = [...new Set(named.writes)].sort()
  const written = new Set(writes)
  const reads = [...new Set(named.reads)].filter((audience) => !written.has(audience)).sort()
  const founded = writes.filter((audience) => named.handedOut.has(audienceSubject(audience)))
  return { writes, reads, founded }
}

export function allNamed(audiences: {
  readonly writes: readonly string[]
  readonly reads: readonly string[]
}): string[] {
  return [...audiences.writes, ...audiences.reads]
}
