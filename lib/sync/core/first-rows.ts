/**
 * What may be on the screen before the device's database answers, and when it gives way. Pure.
 *
 * ```
 *  nothing ──rows seen last, or of the server──▶ seen ──the database answers──▶ live
 *     │                                           │ it is new and has not heard the server yet: seen stays
 *     └──────────── the database answers ─────────┴───────────────────────────▶ live
 * ```
 */
import { z } from 'zod'
import { hashText } from './canonical-json'

/** Of what a browser keeps to show first, per user. */
export const seenLimits = { queriesMax: 40, rowsMax: 500, charactersMax: 200_000 } as const

/** Of one question and its answer. */
export const firstRowsLimits = { inputsMax: 8, inputMax: 200, rowsMax: 500, charactersMax: 500_000 } as const

/** One statement with its parameters as text, so that both sides can tell whether they mean the same. */
export function statementHash({ sql, params }: { readonly sql: string; readonly params: readonly unknown[] }): string {
  return hashText(statementText({ sql, params }))
}

/** The same text asks for the same rows; values JSON does not know are text in it. */
export function statementText({ sql, params }: { readonly sql: string; readonly params: readonly unknown[] }): string {
  return JSON.stringify([sql, params], (_name, value) => (typeof value === 'bigint' ? `${value}n` : value))
}

/** What rows are kept under: another build's tables or another wording of the query never meet them. */
export function seenId(key: string, schema: string, statement: string): string {
  return `${key} ${hashText(`${schema} ${statement}`)}`
}

/** A question for the first rows of a named query. It has no SQL: the server runs its own, if it is the same. */
export const firstRowsRequest = z.strictObject({
  key: z.string().min(1).max(64),
  input: z
    .record(z.string().max(64), z.string().max(firstRowsLimits.inputMax))
    .refine((input) => Object.keys(input).length <= firstRowsLimits.inputsMax),
  statement: z.string().length(64),
  schema: z.string().max(128),
})
export type FirstRowsRequest = z.infer<typeof firstRowsRequest>

const value = z.union([z.string(), z.number(), z.boolean(), z.null()])
export const firstRowsAnswer = z.object({ rows: z.array(z.array(value)).max(firstRowsLimits.rowsMax) })

/** What is known of the device when its database answers. */
interface Answering {
  readonly status: {
    readonly pendingCount: number
    readonly lastExchangeAtMs: number | null
    readonly loading: unknown
  }
  readonly seenCount: number
  readonly liveCount: number
}

/**
 * A new database answers before its rows have arrived: until then it must not blank what a person reads. What they do
 * meanwhile must be seen at once, so anything of their own ends the wait.
 */
export function isTurnOfLive({ status, seenCount, liveCount }: Answering): boolean {
  if (status.pendingCount > 0 || liveCount >= seenCount) return true
  return status.lastExchangeAtMs !== null && status.loading === null
}
