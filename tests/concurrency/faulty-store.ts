/**
 * Stores that a test looks into or makes fail: a connection that breaks before a statement, or after COMMIT was carried
 * out (FM-74), and what statements were sent.
 */
import { SqlError, type Store } from '@/lib/sync/store/driver'
import { askedSql, type BeforeStatement } from '../support/asked-sql'

export type Watcher = BeforeStatement

/** The same store; `onStatement` is asked before each statement, and may throw or wait. */
export function watchedStore(inner: Store, onStatement: Watcher): Store {
  return {
    kind: inner.kind,
    close: () => inner.close(),
    transaction: (work, options) => inner.transaction((sql) => work(askedSql(sql, onStatement)), options),
  }
}

/** Parts of statements to stop at: an ingest takes its locks, writes its log; a reader reads entries. */
export const lockStatement = 'pg_advisory_xact_lock'
export const logStatement = 'insert into sync.log'
export const entriesStatement = 'order by e.audience, e.seq'

/** Planted bug: servers that take no lock, each as if it were alone (ING-1). Everything else is sent. */
export function storeWithoutLocks(inner: Store): Store {
  const isLock = (statement: string) => statement.includes(lockStatement)
  return {
    kind: inner.kind,
    close: () => inner.close(),
    transaction: (work, options) =>
      inner.transaction(
        (sql) =>
          work({
            ...sql,
            query: async (statement, parameters) => (isLock(statement) ? [] : sql.query(statement, parameters)),
            rows: async (statement, parameters) => (isLock(statement) ? [] : sql.rows(statement, parameters)),
            exec: (statements) => sql.exec(statements),
          }),
        options,
      ),
  }
}

/** Planted bug: reads that are not of one moment, because each statement has a snapshot of its own (ING-5, FM-58). */
export function storeWithoutSnapshots(inner: Store): Store {
  return {
    kind: inner.kind,
    close: () => inner.close(),
    transaction: (work, options) => inner.transaction(work, { ...options, isolation: 'read committed' }),
  }
}

export interface FaultyStore {
  readonly store: Store
  /** How often an answer to COMMIT was lost. */
  readonly lost: number
  /** The next transaction that sends a statement with this text commits, and its caller does not hear of it. */
  loseAnswerOf(text: string): void
  /** The next statement with this text fails with this SQLSTATE, `times` times in a row. */
  failAt(text: string, code: string, times?: number): void
}

export function losingAnswers(inner: Store): FaultyStore {
  let marked: string | null = null
  let failing: { text: string; code: string; times: number } | null = null
  let lost = 0

  const store: Store = {
    kind: inner.kind,
    close: () => inner.close(),
    async transaction(work, options) {
      let isMarked = false
      const result = await inner.transaction(
        (sql) =>
          work(
            askedSql(sql, (statement) => {
              if (marked !== null && statement.includes(marked)) isMarked = true
              if (failing && failing.times > 0 && statement.includes(failing.text)) {
                failing.times -= 1
                throw new SqlError({ message: 'simulated failure', code: failing.code, statement })
              }
            }),
          ),
        options,
      )
      if (!isMarked) return result
      marked = null
      lost += 1
      throw new SqlError({ message: 'connection lost at COMMIT', code: '08006', statement: 'commit' })
    },
  }
  return {
    store,
    get lost() {
      return lost
    },
    loseAnswerOf: (text) => {
      marked = text
    },
    failAt: (text, code, times = 1) => {
      failing = { text, code, times }
    },
  }
}
