/**
 * Functions of an open transaction as methods of it. The engine asks `tx.history.knownIds(ids)` and sees no SQL, so that
 * a simulation can answer from memory; what each method does is written once, at the SQL function of the same name.
 */
import type { Sql } from './driver'

// biome-ignore lint/suspicious/noExplicitAny: any list of parameters; `Bound` keeps each one's own.
type SqlFunction = (sql: Sql, ...rest: any[]) => unknown

/** The functions of a module that take an open transaction, without that parameter. */
export type Bound<Functions> = {
  readonly [Name in keyof Functions as Functions[Name] extends SqlFunction ? Name : never]: Functions[Name] extends (
    sql: Sql,
    ...rest: infer Rest
  ) => infer Result
    ? (...rest: Rest) => Result
    : never
}

export function bound<Functions extends object>(sql: Sql, functions: Functions): Bound<Functions> {
  const methods = Object.entries(functions).map(([name, work]) => [
    name,
    (...rest: unknown[]) => (work as SqlFunction)(sql, ...rest),
  ])
  return Object.fromEntries(methods) as Bound<Functions>
}
