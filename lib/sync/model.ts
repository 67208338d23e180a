/**
 * What an application tells the engine about its tables: which are captured, who holds which audience, and what each
 * role may write. Pure data; `store/install.ts` turns it into triggers, policies and fences in both databases.
 */

/** A captured row that gives a user the audience it lives in (AUD-2). */
export interface Grant {
  readonly table: string
  /** The column with the user id, as text. */
  readonly userColumn: string
  /** An optional SQL condition on the row. */
  readonly where?: string
}

/**
 * SQL conditions of the app's own policies, by verb (AUD-3). A verb that is missing is not allowed to anybody.
 * Insert and update conditions stand in WITH CHECK, so breaking one raises; a delete condition filters silently, so
 * the action checks `returning()` and rejects `not-allowed`. `updateUsing` filters silently too: use it for ownership
 * of the old row only.
 */
export interface TablePolicies {
  readonly insert?: string
  readonly update?: string
  readonly updateUsing?: string
  readonly delete?: string
}

/** A `security definer` SQL function with a fixed search path, for policies that must look at other rows. */
export interface PolicyFunction {
  readonly name: string
  /** As in CREATE FUNCTION, for example `roles text[]`. */
  readonly parameters: string
  readonly returns: string
  /** The body: one SELECT. Table names are qualified (`public.members`). */
  readonly sql: string
}

export interface SyncModel {
  /** Captured tables of schema `public`. */
  readonly tables: readonly string[]
  readonly grants: readonly Grant[]
  readonly policies: Readonly<Record<string, TablePolicies>>
  readonly functions: readonly PolicyFunction[]
}
