/**
 * The drizzle handle of an action: the same drizzle driver (pg-proxy) over both stores, so that rows are mapped by the
 * same code on a device and on the server. It sends one plain statement at a time (AUD-7).
 */
import { drizzle } from 'drizzle-orm/pg-proxy'
import type { ActionDb } from '../action'
import type { Sql, SqlParameter, SqlValue } from './driver'

/** One statement an action sent and what came back: kept only when the double run compares them (ACT-1). */
export interface SentStatement {
  readonly statement: string
  readonly parameters: readonly SqlParameter[]
  readonly rows: readonly (readonly SqlValue[])[]
}

export class StatementRefused extends Error {
  override readonly name = 'StatementRefused'
}

export function createActionDb(sql: Sql, sent?: SentStatement[]): ActionDb {
  return drizzle(async (statement, parameters: SqlParameter[]) => {
    refuseUnlessPlain(statement)
    const rows = await sql.rows(statement, parameters)
    sent?.push({ statement, parameters, rows })
    return { rows }
  })
}

const plainStatements = new Set<string>()
const rememberedMax = 5_000

const refusedWords: readonly { readonly words: RegExp; readonly say: string }[] = [
  { words: /\bset_config\b/i, say: 'settings belong to the engine' },
  {
    words: /\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(/i,
    say: 'use `now` of the action',
  },
  {
    words: /\b(current_timestamp|current_date|current_time|localtime|localtimestamp)\b/i,
    say: 'use `now` of the action',
  },
  { words: /\b(random|gen_random_uuid|uuidv4|uuidv7|nextval)\s*\(/i, say: 'use `random()` or `id()` of the action' },
  {
    words: /\b(pg_sleep|pg_advisory\w*|pg_notify|dblink\w*|lo_\w+)\s*\(/i,
    say: 'an action only reads and writes rows',
  },
]

/** Throws StatementRefused for anything but one SELECT, INSERT, UPDATE, DELETE or WITH that is the same on every run. */
export function refuseUnlessPlain(statement: string): void {
  if (plainStatements.has(statement)) return
  const bare = statement.replace(/"(?:[^"]|"")*"/g, '"name"').replace(/'(?:[^']|'')*'/g, "'text'")
  if (!/^\s*\(*\s*(select|insert|update|delete|with)\b/i.test(bare)) {
    throw new StatementRefused(`An action sends SELECT, INSERT, UPDATE, DELETE or WITH, not: ${statement.slice(0, 80)}`)
  }
  for (const { words, say } of refusedWords) {
    const found = words.exec(bare)
    if (found)
      throw new StatementRefused(`"${found[0]}" is refused in an action: ${say}. Statement: ${statement.slice(0, 200)}`)
  }
  if (plainStatements.size >= rememberedMax) plainStatements.clear()
  plainStatements.add(statement)
}
