/** The port of the actions over the drizzle handle, and the way to either: on PGlite, on Postgres and in memory. */
import { asc, eq } from 'drizzle-orm'
import { type ActionDb, reject } from '@/lib/sync/action'
import { isRows, type Row, type Rows, type RowsHandle } from './rows'
import { drizzleTableOf } from './sql'
import { simTable } from './tables'

/** What an action works on: its handle itself in memory, otherwise rows read and written through drizzle. */
export function rowsOf(handle: RowsHandle): Rows {
  return isRows in handle ? handle : sqlRows(handle)
}

function sqlRows(db: ActionDb): Rows {
  return {
    async get(table, id) {
      const from = drizzleTableOf(table)
      const [found] = await db.select().from(from).where(eq(from.id, id))
      return (found as Row | undefined) ?? null
    },
    async list(table, audience) {
      const from = drizzleTableOf(table)
      const found = await db.select().from(from).where(eq(from.audience, audience)).orderBy(asc(from.id))
      return found as readonly Row[]
    },
    async put(table, row) {
      const into = drizzleTableOf(table)
      const values = wholeRow(table, row)
      const [visible] = await db.select({ id: into.id }).from(into).where(eq(into.id, row.id))
      if (!visible) {
        await db.insert(into).values(values)
        return
      }
      const changed = await db.update(into).set(values).where(eq(into.id, row.id)).returning({ id: into.id })
      // Visible and filtered: the action only reads that audience, or its author may not edit there.
      if (changed.length === 0) reject('not-allowed')
    },
    async delete(table, id) {
      const from = drizzleTableOf(table)
      const gone = await db.delete(from).where(eq(from.id, id)).returning({ id: from.id })
      return gone.length > 0
    },
  }
}

/** Every column has a value: one that was left out is null, also when the row is there already. */
function wholeRow(table: string, row: Row): Row {
  const columns = simTable(table).columns.map(({ name }) => [name, row[name] ?? null])
  return { ...(Object.fromEntries(columns) as Record<string, string | null>), id: row.id, audience: row.audience }
}
