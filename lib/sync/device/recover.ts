/** Opening a device: tables of this build, then both stores made to tell the same story (EXE-1, OUT-1, MIG-1). */

import { planIdentity, planRecovery } from '../core/plan-recovery'
import type { SyncModel } from '../model'
import { enterEngine } from '../store/action-context'
import { type Catalog, readCatalog } from '../store/catalog'
import type { Sql, Store } from '../store/driver'
import { install } from '../store/install'
import { type Migration, migrate, missingMigrations } from '../store/migrate'
import { dropPatches, rollBack } from '../store/roll-back'
import { quoteName } from '../store/sql-text'
import type { DeviceContext } from './context'
import { putLayerBack, takeBackLayer } from './layer'
import { readMeta, writeMeta } from './meta'
import type { Outbox, OutboxRecord, OutboxState } from './outbox'
import { insertPending, type PendingRow, pendingOf, readPending, recordOf, saveNumbers } from './pending'
import { dropReceipts, settledOutcomes } from './receipts'

export interface Preparation {
  readonly store: Store
  readonly model: SyncModel
  readonly migrations: readonly Migration[]
}

/**
 * Brings the database to this build and answers its catalog. Pending actions ran on the older tables: their layer is
 * taken back first, and built anew afterwards. Answers whether that is due.
 */
export async function prepare({
  store,
  model,
  migrations,
}: Preparation): Promise<{ catalog: Catalog; isLayerGone: boolean }> {
  const isLayerGone = (await missingMigrations(store, migrations)).length > 0 && (await dropLayer(store))
  await store.transaction(dropLiveTriggers)
  await migrate(store, migrations)
  await install(store, model, 'device')
  const catalog = await store.transaction((sql) => readCatalog(sql, model.tables))
  return { catalog, isLayerGone }
}

async function dropLayer(store: Store): Promise<boolean> {
  return store.transaction(async (sql) => {
    const [known] = await sql.rows("select to_regclass('sync.patches') is not null")
    if (known?.[0] !== true) return false
    // The tables of this build may not exist yet: only those that patches speak of matter here.
    const touched = await sql.query<{ table_name: string }>('select distinct table_name from sync.patches')
    const catalog = await readCatalog(
      sql,
      touched.map((row) => row.table_name),
    )
    await enterEngine(sql)
    await rollBack(sql, catalog, 'all')
    await dropPatches(sql, 'all')
    return true
  })
}

/** PGlite's live queries leave a trigger on each table they watch. It is made anew on first use, and installation refuses triggers it does not know. */
async function dropLiveTriggers(sql: Sql): Promise<void> {
  const triggers = await sql.query<{ name: string; table_name: string }>(
    `select t.tgname as name, c.relname as table_name from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = 'public'::regnamespace and t.tgname like '\\_notify\\_trigger\\_%'`,
  )
  for (const { name, table_name } of triggers) {
    await sql.exec(`drop trigger ${quoteName(name)} on public.${quoteName(table_name)}`)
  }
}

/** Who the device is; what is new is durable before anything is done under that name. */
export async function readIdentity(
  store: Store,
  outbox: Outbox,
  { newClientId, directory }: { readonly newClientId: string; readonly directory: number },
): Promise<OutboxState> {
  const { state, records } = await outbox.load()
  const { meta, pending } = await store.transaction(async (sql) => ({
    meta: await readMeta(sql),
    pending: await readPending(sql),
  }))
  const inOutbox = new Set(records.map((record) => record.id))
  const actions = [...records, ...pending.filter((row) => !inOutbox.has(row.id))]
  const known = planIdentity({ outbox: state, database: meta, actions, newClientId })
  const identity: OutboxState = { offsetMs: state?.offsetMs ?? 0, directory, ...known }
  await outbox.rewrite({ state: identity })
  return identity
}

/** Both ways: what only one store knows, the other learns. Answers how many actions ran again. */
export async function recover(context: DeviceContext, isLayerGone: boolean): Promise<number> {
  const { records } = await context.outbox.load()
  const { plan, rerun } = await context.store.transaction(async (sql) => {
    const pending = await readPending(sql)
    const settled = await settledOutcomes(sql)
    const plan = planRecovery({ pending, outbox: records, settled, isConfirmedMark: (row) => row.wasConfirmed })
    await writeMeta(sql, { client_id: context.identity.clientId, last_ordinal: String(context.identity.lastOrdinal) })
    const isNeeded = plan.needsRerun || isLayerGone
    if (isNeeded) await takeBackLayer(context, sql)
    await insertPending(
      sql,
      plan.insert.map((record) => pendingOf(record, 'layer')),
    )
    await saveNumbers(sql, plan.correct.map(numbersOf))
    const rerun = isNeeded ? await putLayerBack(context, sql) : 0
    if (plan.insert.length > 0) await forgetBlindRuns(sql)
    return { plan, rerun }
  })
  for (const row of plan.write) await context.outbox.add(recordOf(row), context.identity)
  const { mark, remove } = plan
  await markConfirmed(context, mark)
  if (remove.length > 0) await context.outbox.rewrite({ ids: remove, change: () => null })
  return rerun
}

/** In an empty database, before its first snapshot, actions fail for lack of rows: nobody saw that as their result. */
async function forgetBlindRuns(sql: Sql): Promise<void> {
  await sql.rows(
    `update sync.pending set shown = null, may_be_rejected = false
     where may_be_rejected and not exists (select from sync.cursors)`,
  )
}

function numbersOf(record: OutboxRecord) {
  return { ...record, wasConfirmed: record.confirmedAtMs !== null }
}

/** The crash-proof mark, with the canonical clock (OUT-1). */
export async function markConfirmed(context: DeviceContext, clocks: ReadonlyMap<string, string>): Promise<void> {
  if (clocks.size === 0) return
  await context.outbox.rewrite({
    ids: [...clocks.keys()],
    change: (record) => ({
      ...record,
      clock: clocks.get(record.id) ?? record.clock,
      confirmedAtMs: record.confirmedAtMs ?? context.now(),
      failures: 0,
      hold: null,
    }),
  })
}

/**
 * Another history: cursors and receipts go, and all of the outbox is offered again (OUT-1). Rows stay on the screen
 * until snapshots replace them; what was confirmed is still in them, so it does not run on top of them.
 */
export async function reset(context: DeviceContext): Promise<number> {
  const { records } = await context.outbox.load()
  return context.store.transaction(async (sql) => {
    await sql.rows('delete from sync.cursors')
    await dropReceipts(sql)
    await writeMeta(sql, { epoch: null, last_confirmed: null, served_clock: null })
    const pending = await readPending(sql)
    const known = new Set(pending.map((row) => row.id))
    const fresh = records.filter((record) => !known.has(record.id))
    await insertPending(
      sql,
      fresh.map((record) => pendingOf(record, 'rows')),
    )
    await sql.rows("update sync.pending set place = 'rows' where place = 'log'")
    return pending.length + fresh.length
  })
}

export interface Retention {
  /** Not longer than the late window of the server (OUT-1). */
  readonly retentionMs: number
}

/**
 * When retention ends: confirmed actions leave the outbox; one that is held since a reset is offered once more without
 * its mark, and the refusal is shown.
 */
export async function endRetention(context: DeviceContext, { retentionMs }: Retention): Promise<void> {
  const before = context.now() - retentionMs
  const { records } = await context.outbox.load()
  const ended = records.filter((record) => record.confirmedAtMs !== null && record.confirmedAtMs < before)
  if (ended.length === 0) return
  const isEnded = new Set(ended.map((record) => record.id))
  const waiting = await context.store.transaction(async (sql) => {
    const rows = (await readPending(sql)).filter((row) => isEnded.has(row.id))
    const held = rows.filter((row) => row.hold !== null)
    await saveNumbers(
      sql,
      held.map((row): PendingRow => ({ ...row, hold: null, wasConfirmed: false })),
    )
    return { held: new Set(held.map((row) => row.id)), all: new Set(rows.map((row) => row.id)) }
  })
  await context.outbox.rewrite({
    ids: [...isEnded],
    change: (record) => {
      if (!waiting.all.has(record.id)) return null
      return waiting.held.has(record.id) ? { ...record, hold: null, confirmedAtMs: null } : record
    },
  })
}
