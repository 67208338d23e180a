/**
 * The small port that actions of the simulation are written against. In memory the handle of an action *is* this port;
 * on PGlite and Postgres it is made from the drizzle handle, so that the same rule runs on all three.
 *
 * Values are Postgres texts, as in images: numbers too.
 */
import type { ActionDb } from '@/lib/sync/action'

export interface Row {
  readonly id: string
  readonly audience: string
  readonly [column: string]: string | null
}

export interface Rows {
  /** Null when there is no such row in an audience the action named. */
  get(table: string, id: string): Promise<Row | null>
  /** All rows of an audience, by id. */
  list(table: string, audience: string): Promise<readonly Row[]>
  /**
   * Inserts the row, or updates the one with its id; another audience moves it. A row that the action may see and not
   * change rejects with `not-allowed`, as a policy that filters silently must be answered.
   */
  put(table: string, row: Row): Promise<void>
  /** Takes the row away, with its children where the key cascades. False when it is not there or may not be changed. */
  delete(table: string, id: string): Promise<boolean>
}

/** Marks the handle of an action in memory. */
export const isRows = Symbol('rows')

export type RowsHandle = ActionDb | (Rows & { readonly [isRows]: true })
