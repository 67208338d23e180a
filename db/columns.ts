/**
 * Column types of captured tables. Edit this file to add a column type that several tables share.
 *
 * Postgres sorts text by the rules of a language unless told otherwise, and a browser's database and a server rarely
 * agree on those rules. Every text column of a captured table is therefore `COLLATE "C"`: bytewise, the same order
 * everywhere (ACT-1). Drizzle cannot write COLLATE, so the column type says it.
 */
import { sql } from 'drizzle-orm'
import { customType, timestamp } from 'drizzle-orm/pg-core'

/** Text in bytewise order. Narrow it with `.$type<'a' | 'b'>()`; mind that `lower` and `ILIKE` know ASCII only here. */
export const text = customType<{ data: string; driverData: string }>({
  dataType: () => 'text COLLATE "C"',
})

/** A moment, to the millisecond an action's `now` has, with zone. Never give it a default: `now()` differs on replay. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' })

/**
 * The audience of a row, computed by the database from a column that is already there, so that it cannot be wrong:
 * `audience('project', 'project_id')` is `'project:' || project_id::text` (AUD-1). The column is given by its SQL name,
 * because a table cannot refer to itself while its type is being made.
 */
export const audience = (kind: 'project' | 'user', column: string) =>
  text('audience')
    .notNull()
    .generatedAlwaysAs(sql.raw(`'${kind}:' || ${column}::text`))
