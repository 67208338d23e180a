/**
 * The oracle (ORA-1): what canonical state must be. It runs all accepted actions one after another, in replay order, on
 * an empty database, each in a transaction of its own and under its author's permissions at that place. Slow and
 * obvious on purpose: no log, no receipts, no roll back, nothing of the engine's ingest.
 */
import { model } from '@/db/model'
import type { AnyAction } from '@/lib/sync/action'
import { allNamed } from '@/lib/sync/core/audience'
import { type Catalog, readCatalog } from '@/lib/sync/store/catalog'
import type { Sql, Store } from '@/lib/sync/store/driver'
import { createRegistry, namedAudiences, resolveAction } from '@/lib/sync/store/resolve-action'
import { type RunOutcome, runAction } from '@/lib/sync/store/run-action'

export interface AcceptedAction {
  readonly id: string
  readonly name: string
  readonly version: number
  /** JSON text. */
  readonly input: string
  readonly author: string
  readonly clock: string
}

/** All databases of tests have the same tables; reading them once per database is enough. */
const catalogs = new WeakMap<Store, Catalog>()

/** Fills an empty database; answers what became of each action, by id. */
export async function replayAll(
  store: Store,
  known: readonly AnyAction[],
  accepted: readonly AcceptedAction[],
): Promise<Map<string, RunOutcome>> {
  const inReplayOrder = [...accepted].sort((a, b) => compare(a.clock, b.clock) || compare(a.id, b.id))
  const outcomes = new Map<string, RunOutcome>()
  for (const action of inReplayOrder) outcomes.set(action.id, await replayOne(store, known, action))
  return outcomes
}

/** One action on the state as it stands. */
export async function replayOne(
  store: Store,
  known: readonly AnyAction[],
  action: AcceptedAction & { readonly isCheckedTwice?: boolean },
): Promise<RunOutcome> {
  const resolved = resolveAction(createRegistry(known), { ...action, input: JSON.parse(action.input) })
  if (resolved.kind !== 'known') throw new Error(`${action.name} was accepted and cannot run: ${resolved.kind}`)
  const { definition, input } = resolved
  const audiences = namedAudiences(definition, input, action)
  return store.transaction(async (sql) => {
    for (const audience of allNamed(audiences)) {
      if (audiences.founded.includes(audience) || (await holds(sql, action.author, audience))) continue
      return { kind: 'rejected', reason: 'authority', details: null, error: null }
    }
    const catalog = catalogs.get(store) ?? (await readCatalog(sql, model.tables))
    catalogs.set(store, catalog)
    await sql.exec('set constraints all deferred')
    const isCheckedTwice = action.isCheckedTwice ?? false
    return runAction(sql, { catalog, definition, input, record: action, audiences, isCheckedTwice })
  })
}

async function holds(sql: Sql, userId: string, audience: string): Promise<boolean> {
  if (audience === 'public' || audience === `user:${userId}`) return true
  const rows = await sql.query(`select 1 from public.members where user_id = $1 and audience = $2`, [userId, audience])
  return rows.length > 0
}

const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)
