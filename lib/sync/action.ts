/**
 * What an action is: the only engine file that business rules import.
 *
 * An action is a named, versioned, deterministic function with a zod input. A device runs it at once on its own
 * database; the server runs the same function, in replay order, under the author's row-level security (ACT-1 … ACT-7).
 */
import type { PgRemoteDatabase } from 'drizzle-orm/pg-proxy'
import type { z } from 'zod'

/** The drizzle handle of an action: one SELECT, INSERT, UPDATE, DELETE or WITH at a time, under the author's policies. */
export type ActionDb = PgRemoteDatabase<Record<string, never>>

/** The author of an action record. */
export interface ActionUser {
  readonly id: string
}

/** What `audiences()` may look at besides the input: keyed ids (the same value in `run`) and the author (AUD-4). */
export interface AudienceContext {
  id(key: string): string
  readonly user: ActionUser
}

/** Everything `run` may depend on besides the rows it can see (ACT-1). */
export interface ActionContext<Input> extends AudienceContext {
  readonly db: ActionDb
  readonly input: Input
  /** The millisecond part of the action's clock. The same on every replay, unless the action is restamped. */
  readonly now: Date
  /** uuidv5 of the action id and the key, or of a running number without one: the same on every replay. */
  id(key?: string): string
  /** A number in [0, 1) from a generator seeded by the action id. */
  random(): number
}

/** The audiences an action may touch: it sees both lists, it changes rows of `writes` only (ACT-2). */
export interface NamedAudiences {
  readonly writes: readonly string[]
  readonly reads?: readonly string[]
}

export interface ActionDefinition<Schema extends z.ZodType = z.ZodType, Value = unknown> {
  /** `noun.verb`; with `version` it is a wire contract (ACT-4). */
  readonly name: string
  readonly version: number
  readonly input: Schema
  /** An array means `writes`. Pure: input, keyed ids and the author decide, nothing else. */
  audiences(input: z.output<Schema>, context: AudienceContext): readonly string[] | NamedAudiences
  /** `'arrival'`: the server stamps it, for contested things where a slow or dishonest clock must not win (ACT-5). */
  readonly order?: 'clock' | 'arrival'
  /** Upcasters by older version: each turns that version's input into the current one (ACT-4). */
  readonly versions?: Readonly<Record<number, (older: unknown) => unknown>>
  run(context: ActionContext<z.output<Schema>>): Promise<Value>
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds actions of every input; each parses its own input first.
export type AnyAction = ActionDefinition<any, any>

/** Declares an action. It checks the name and version, nothing is registered: `lib/actions/index.ts` lists them all. */
export function defineAction<Schema extends z.ZodType, Value>(
  definition: ActionDefinition<Schema, Value>,
): ActionDefinition<Schema, Value> {
  if (!/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)+$/.test(definition.name)) {
    throw new TypeError(`Action name "${definition.name}" must look like "noun.verb", for example "issue.claim".`)
  }
  if (!Number.isInteger(definition.version) || definition.version < 1) {
    throw new TypeError(`Action "${definition.name}" has version ${definition.version}: versions are 1, 2, 3 …`)
  }
  return definition
}

/** A rule of the application said no. On a device it reaches the caller of the action and nothing is recorded. */
export class ActionRejected extends Error {
  override readonly name = 'ActionRejected'
  constructor(
    readonly reason: string,
    readonly details: Readonly<Record<string, unknown>> | null = null,
  ) {
    super(`The action was rejected: ${reason}`)
  }
}

/**
 * Ends the action with no effect (ACT-3). The reason is a short kebab-case word that the interface translates; the
 * details are plain JSON for its sentence. On the server the outcome is *rejected*, and a replay may change it.
 */
export function reject(reason: string, details?: Readonly<Record<string, unknown>>): never {
  throw new ActionRejected(reason, details ?? null)
}
