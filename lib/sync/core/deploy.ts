/**
 * Which servers may work on a database: only those whose build and schema are its own (DEP-1, DEP-2). Pure.
 *
 * ```
 *              outdated            current         withdrawn          newer: first contact
 *  ──────────────────────────────────┬───────┬──────────────────┬──────────────────────────────▶ build (its time)
 *                               let in last      taken back
 * ```
 */

/**
 * Raise it when the engine comes to run actions differently: ids, numbers of `random()`, what a rejection takes back.
 * Every action then counts as changed (DEP-1).
 */
export const engineVersion = 1

/** By what it is of, for example `action issue.create@1`: a hash that changes when replaying could come to something else. */
export type Fingerprints = Readonly<Record<string, string>>

/** What a database remembers of the servers that worked on it. */
export interface DeployState {
  /** The build that was let in last; null before the first. */
  readonly build: string | null
  /** Builds up to this one were taken back. */
  readonly withdrawnUntil: string | null
  /** Of the build let in last; null when it did not say yet. */
  readonly shipped: Fingerprints | null
  /** Of the tables; null when no migration said. */
  readonly schema: string | null
}

/** What a server runs. */
export interface Running {
  readonly build: string
  readonly schema: string | null
  readonly shipped: Fingerprints
}

export type Standing =
  | { readonly kind: 'current' }
  /** To be let in. With changed code history is sealed first: code never runs for actions it was not written for. */
  | { readonly kind: 'newer'; readonly changed: readonly string[] }
  /** It must not work, and here is why. */
  | { readonly kind: 'outdated' | 'withdrawn' | 'other-schema'; readonly message: string }

/** Builds are named by their time, in milliseconds; any other name, as in development, is build 0 and compared with nothing. */
export function buildNumber(build: string | null): number {
  return build !== null && /^\d{1,15}$/.test(build) ? Number(build) : 0
}

export function standingOf(state: DeployState, running: Running): Standing {
  if (running.schema !== null && state.schema !== null && running.schema !== state.schema) {
    const message =
      'The tables of the database belong to another build. Run npm run db:migrate of this one, or stop it.'
    return { kind: 'other-schema', message }
  }
  const build = buildNumber(running.build)
  if (build === 0) return { kind: 'current' }
  const letIn = buildNumber(state.build)
  if (build < letIn) return turnedAway('outdated', running, state)
  if (build > letIn && build <= buildNumber(state.withdrawnUntil)) return turnedAway('withdrawn', running, state)
  if (build === letIn && state.shipped !== null) return { kind: 'current' }
  return { kind: 'newer', changed: build === letIn ? [] : changedSince(state.shipped, running.shipped) }
}

function turnedAway(kind: 'outdated' | 'withdrawn', { build }: Running, state: DeployState): Standing {
  const why = kind === 'outdated' ? `build ${state.build} has worked here since` : 'it was taken back'
  const message = `This server runs build ${build}, and ${why}. Stop it, or let it work again: npm run doctor -- --accept-build ${build}`
  return { kind, message }
}

/**
 * What was shipped and is another thing now, or is gone. New things are no change: nothing accepted ran them. Without
 * knowledge of what was shipped everything may have changed.
 */
export function changedSince(before: Fingerprints | null, now: Fingerprints): string[] {
  if (before === null) return Object.keys(now).length > 0 ? Object.keys(now).sort() : ['everything']
  return Object.keys(before)
    .filter((key) => before[key] !== now[key])
    .sort()
}

/** Lets an older build work again: everything newer that is known is taken back (CX-48: its work is sealed, too). */
export function withdrawnUntil(state: DeployState): string | null {
  return buildNumber(state.build) > buildNumber(state.withdrawnUntil) ? state.build : state.withdrawnUntil
}
