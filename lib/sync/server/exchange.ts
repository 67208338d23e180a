/**
 * One exchange: check, ingest, read (section "Exchange" of docs/SPEC.md).
 *
 * ```
 *  request ─▶ epoch, cursors, last confirmed known? ─ no ─▶ reset (nothing was ingested)
 *                │ yes
 *                ▼
 *             ingest the push ─ ahead, fork ─▶ that answer
 *                │
 *                ▼
 *             one consistent read ─▶ receipts, audiences, entries, snapshots
 * ```
 */
import type { ExchangeAnswer, ExchangeRequest, Receipt } from '../core/protocol'
import type { Sql } from '../store/driver'
import type { ServerEngine } from './engine'
import { createEpoch, knownIds, readEpoch } from './history'
import { ingest } from './ingest'
import { cursorsBelong } from './log'
import { readOffer } from './newcomer'
import { readNews } from './read'
import { withRetries } from './retry'
import { isServerClient } from './run-server-action'

export async function exchange(
  engine: ServerEngine,
  userId: string,
  request: ExchangeRequest,
): Promise<ExchangeAnswer> {
  const epoch = await ensureEpoch(engine)
  const serverTimeMs = engine.now()
  const isKnown = await readOnly(engine, (sql) => belongsHere(sql, request, epoch))
  if (!isKnown) return answered(engine, { kind: 'reset', epoch, serverTimeMs })
  let receipts: readonly Receipt[] = []
  if (request.actions.length > 0) {
    const offering = { registry: engine.registry, author: userId, clientId: request.clientId }
    const offers = request.actions.map((offered) => readOffer(offering, offered))
    if (isServerClient(request.clientId)) return answered(engine, { kind: 'fork', serverTimeMs })
    const ingested = await ingest(engine, { author: userId, clientId: request.clientId, offers, numbering: 'client' })
    if (ingested.kind === 'fork') return answered(engine, { kind: 'fork', serverTimeMs })
    if (ingested.kind === 'ahead') {
      return answered(engine, { kind: 'ahead', serverTimeMs, above: ingested.above, receipts: [...ingested.receipts] })
    }
    receipts = ingested.receipts
  }
  const news = await readOnly(engine, (sql) => readNews(engine, sql, { userId, cursors: request.cursors }))
  return answered(engine, {
    kind: 'sync',
    epoch,
    build: engine.build,
    serverTimeMs: engine.now(),
    receipts: [...receipts],
    ...news,
  })
}

/** Checked before ingest, so that nothing is judged against a history the device does not share (ING-0, CX-33). */
async function belongsHere(sql: Sql, request: ExchangeRequest, epoch: string): Promise<boolean> {
  if (request.epoch !== null && request.epoch !== epoch) return false
  if (!(await cursorsBelong(sql, request.cursors))) return false
  if (request.lastConfirmed === null) return true
  return (await knownIds(sql, [request.lastConfirmed])).size === 1
}

async function ensureEpoch(engine: ServerEngine): Promise<string> {
  const found = await readOnly(engine, readEpoch)
  if (found) return found
  return withRetries(engine, () =>
    engine.store.transaction(async (sql) => {
      await createEpoch(sql, engine.newId())
      return (await readEpoch(sql)) ?? ''
    }),
  )
}

function readOnly<Result>(engine: ServerEngine, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  return withRetries(engine, () => engine.store.transaction(work, { isolation: 'repeatable read', readOnly: true }))
}

function answered(engine: ServerEngine, answer: ExchangeAnswer): ExchangeAnswer {
  const isSync = answer.kind === 'sync'
  engine.trace({
    kind: 'exchange',
    answer: answer.kind,
    entries: isSync ? answer.entries.length : 0,
    snapshots: isSync ? answer.snapshots.length : 0,
  })
  return answer
}
