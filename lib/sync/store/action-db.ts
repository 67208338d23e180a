/**
 * The drizzle handle of an action: the same drizzle driver (pg-proxy) over both stores, so that rows are mapped by the
 * same code on a device and on the server. It sends one plain statement at a time (AUD-7).
 */
import { drizzle } from 'drizzle-orm/pg-proxy'
import type { ActionDb } from '../action'
import { type Sql, SqlError, type SqlParameter, type SqlValue } from './driver'

/** One statement an action sent and what came back: kept only when the double run compares them (ACT-1). */
export interface SentStatement {
  readonly statement: string
  readonly parameters: readonly SqlParameter[]
  readonly rows: readonly (readonly SqlValue[])[]
}

export class StatementRefused extends Error {
  override readonly name = 'StatementRefused'
}

export function createActionDb(sql: Pick<Sql, 'rows'>, sent?: SentStatement[]): ActionDb {
  return drizzle(async (statement, parameters: SqlParameter[]) => {
    refuseUnlessPlain(statement)
    const rows = await sql.rows(statement, parameters)
    sent?.push({ statement, parameters, rows })
    return { rows }
  })
}

/** The statements of one running action, until it ends. */
export interface ActionStatements extends Pick<Sql, 'rows'> {
  /** What the first failing statement was answered. The savepoint is lost with it, also when the action caught it. */
  failure(): SqlError | null
  /** Waits for statements under way and refuses later ones: they would run as the engine, unseen by capture. */
  end(): Promise<void>
}

export function createActionStatements(sql: Pick<Sql, 'rows'>): ActionStatements {
  const underWay = new Set<Promise<unknown>>()
  let failure: SqlError | null = null
  let hasEnded = false
  return {
    async rows(statement, parameters) {
      if (hasEnded) throw new StatementRefused(`The action has ended: await every statement. Statement: ${statement}`)
      if (failure) throw failure
      const answer = sql.rows(statement, parameters)
      underWay.add(answer)
      try {
        return await answer
      } catch (error) {
        if (error instanceof SqlError) failure ??= error
        throw error
      } finally {
        underWay.delete(answer)
      }
    },
    failure: () => failure,
    async end() {
      hasEnded = true
      await Promise.allSettled(underWay)
    },
  }
}

const plainStatements = new Set<string>()
const rememberedMax = 5_000

/** Texts that Postgres reads as a moment of today, where one is wanted. */
const movingMoment = "'(now|today|tomorrow|yesterday)'"
const momentWords = [
  `${movingMoment}\\s*::\\s*(date|time)`,
  `\\b(date|time\\w*)(\\s+with(out)?\\s+time\\s+zone)?\\s*${movingMoment}`,
  `\\bcast\\s*\\(\\s*${movingMoment}\\s+as\\s+(date|time)`,
].map((words) => new RegExp(words, 'i'))
const isMovingMoment = new RegExp(`^${movingMoment}$`, 'i')

const refusedWords: readonly { readonly words: RegExp; readonly say: string }[] = [
  { words: /;(?!\s*$)/, say: 'send one statement at a time' },
  { words: /(?<!\binsert\s+)\binto\b/i, say: 'SELECT INTO makes a table' },
  // An update of that view sets them as well.
  { words: /\b(set_config|pg_settings)\b/i, say: 'settings belong to the engine' },
  {
    words: /\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(/i,
    say: 'use `now` of the action',
  },
  {
    words: /\b(current_timestamp|current_date|current_time|localtime|localtimestamp)\b/i,
    say: 'use `now` of the action',
  },
  ...momentWords.map((words) => ({ words, say: 'use `now` of the action' })),
  { words: /\bage\s*\([^(),]*\)/i, say: 'it counts up to today: use `now` of the action' },
  {
    words:
      /\b(random|random_normal|array_shuffle|array_sample|gen_random_\w+|uuidv4|uuidv7|nextval|currval|lastval|setval)\s*\(/i,
    say: 'use `random()` or `id()` of the action',
  },
  { words: /\b(txid_current|pg_current_xact_id)\w*\s*\(/i, say: 'use `random()` or `id()` of the action' },
  {
    words: /\b(pg_sleep|pg_advisory\w*|pg_notify|dblink\w*|lo_\w+)\s*\(/i,
    say: 'an action only reads and writes rows',
  },
]

/** Names in double quotes, texts of all kinds (plain, with escapes, in dollars) and comments: their words mean nothing. */
const inert =
  /"(?:[^"]|"")*"|\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\//g

function inertWords(found: string): string {
  if (isMovingMoment.test(found) || /^"pg_settings"$/i.test(found)) return found
  return found.startsWith('"') ? '"name"' : " '' "
}

/** Throws StatementRefused for anything but one SELECT, INSERT, UPDATE, DELETE or WITH that is the same on every run. */
export function refuseUnlessPlain(statement: string): void {
  if (plainStatements.has(statement)) return
  const bare = statement.replace(inert, inertWords)
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
