/** Running actions of the tests, which are written inline, and looking at what they left behind. */
import { sql as drizzleSql } from 'drizzle-orm'
import { z } from 'zod'
import { type ActionContext, defineAction } from '@/lib/sync/action'
import { audienceSet } from '@/lib/sync/core/audience'
import { encodeClock } from '@/lib/sync/core/hlc'
import { actionIds } from '@/lib/sync/core/ids'
import { enterEngine } from '@/lib/sync/store/action-context'
import { type Catalog, readCatalog } from '@/lib/sync/store/catalog'
import type { Sql } from '@/lib/sync/store/driver'
import { type RunOutcome, runAction } from '@/lib/sync/store/run-action'
import { model } from './fixture'

export type Run = (context: ActionContext<unknown>) => Promise<unknown>

export interface Acting {
  readonly id?: string
  readonly user?: string
  readonly writes?: readonly string[]
  readonly reads?: readonly string[]
  /** Keys of ids by which the action founds audiences. */
  readonly founds?: readonly string[]
  readonly nowMs?: number
  readonly catalog?: Catalog
  readonly name?: string
  readonly isCheckedTwice?: boolean
}

/** `test(3)` is a readable uuid that ends in 3. */
export const uuid = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
export const roomOf = (number: number): string => `room:${uuid(number)}`

let lastAction = 0xac0000

/** A fresh action id, other than every id of rows in the tests. */
export function nextActionId(): string {
  lastAction += 1
  return uuid(lastAction)
}

/** The ids an action hands out for keys, before it runs. */
export const idOf = (actionId: string, key: string): string => actionIds(actionId).id(key)

export function fixtureCatalog(sql: Sql): Promise<Catalog> {
  return readCatalog(sql, model.tables)
}

/** Runs a function as an action of `acting.user`, as ingest and execute do. */
export async function act(sql: Sql, run: Run, acting: Acting = {}): Promise<RunOutcome> {
  const id = acting.id ?? nextActionId()
  const writes = acting.writes ?? ['public']
  const definition = defineAction({
    name: acting.name ?? 'test.act',
    version: 1,
    input: z.unknown(),
    audiences: () => writes,
    run,
  })
  await enterEngine(sql)
  return runAction(sql, {
    catalog: acting.catalog ?? (await fixtureCatalog(sql)),
    definition,
    input: null,
    record: {
      id,
      author: acting.user ?? 'ann',
      clock: encodeClock({ ms: acting.nowMs ?? 1_800_000_000_000, counter: 0, clientId: uuid(0xc1) }),
    },
    audiences: audienceSet({
      writes,
      reads: acting.reads ?? [],
      handedOut: new Set((acting.founds ?? []).map((key) => idOf(id, key))),
    }),
    ...(acting.isCheckedTwice ? { isCheckedTwice: true } : {}),
  })
}

/** The same, for actions that must succeed. */
export async function applied(sql: Sql, run: Run, acting: Acting = {}) {
  const outcome = await act(sql, run, acting)
  if (outcome.kind === 'applied') return outcome
  throw new Error(`The action was rejected: ${outcome.reason}`, { cause: outcome.error })
}

/** An action that sends these statements, one by one. */
export function statements(...texts: readonly string[]): Run {
  return async ({ db }) => {
    for (const text of texts) await db.execute(drizzleSql.raw(text))
  }
}

/** Rows as the engine would write them, without an action: what was there before the test. */
export async function seed(sql: Sql, text: string): Promise<void> {
  await enterEngine(sql)
  await sql.exec(text)
}

/** All captured rows, byte for byte: the text of the row and its binary form, by table. */
export async function stateBytes(sql: Sql): Promise<Record<string, unknown>> {
  const state: Record<string, unknown> = {}
  for (const table of model.tables) {
    const name = `"${table.replaceAll('"', '""')}"`
    state[table] = await sql.rows(
      `select whole::text, encode(record_send(whole), 'hex') from public.${name} whole order by whole::text collate "C"`,
    )
  }
  return state
}

/** The same in text alone, to compare two databases: the binary form holds numbers of types, which differ. */
export async function stateText(sql: Sql): Promise<Record<string, unknown>> {
  const state = await stateBytes(sql)
  return Object.fromEntries(
    Object.entries(state).map(([table, rows]) => [table, (rows as string[][]).map(([text]) => text)]),
  )
}

/** The same for campaigns: per table the number of rows and a hash over text and binary form of all of them. */
export async function stateHash(sql: Sql): Promise<readonly unknown[]> {
  const parts = model.tables.map((table) => {
    const name = `"${table.replaceAll('"', '""')}"`
    return `select '${table.replaceAll("'", "''")}', count(*)::int, encode(sha256(string_agg(bytes, '' order by bytes)), 'hex')
      from (select convert_to(whole::text, 'UTF8') || record_send(whole) as bytes from public.${name} whole) r`
  })
  return sql.rows(`${parts.join(' union all ')} order by 1`)
}

/** The same in one statement: every row of every table as text. */
export async function stateDigest(sql: Sql): Promise<readonly unknown[]> {
  const parts = model.tables.map((table) => {
    const name = `"${table.replaceAll('"', '""')}"`
    return `select '${table.replaceAll("'", "''")}' as table_name, whole::text as bytes from public.${name} whole`
  })
  return (await sql.rows(parts.join(' union all '))).map((row) => JSON.stringify(row)).sort()
}
