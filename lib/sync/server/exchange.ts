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
import type { Digest, ExchangeAnswer, ExchangeRequest, Receipt } from '../core/protocol'
import type { ServerTransaction } from '../store/server/transaction'
import type { ServerEngine } from './engine'
import { ingest } from './ingest'
import { readOffer } from './newcomer'
import { readNews } from './read'
import { tellable } from './receipt-details'
import { type Retrying, withRetries } from './retry'
import { isServerClient } from './run-server-action'
import { beginServing, stillReadable } from './serving'
import { isStorable } from './storable'

export async function exchange(
  engine: ServerEngine,
  userId: string,
  request: ExchangeRequest,
): Promise<ExchangeAnswer> {
  await beginServing(engine)
  const epoch = await ensureEpoch(engine)
  const serverTimeMs = engine.now()
  try {
    return await answerTo(engine, { userId, request, epoch, serverTimeMs })
  } catch (error) {
    if (!(error instanceof OtherHistory)) throw error
    return answered(engine, { kind: 'reset', epoch, serverTimeMs })
  }
}

/** The database has become another one since it was looked at: an older copy of it, under the same connections. */
class OtherHistory extends Error {
  override readonly name = 'OtherHistory'
}

interface Asked {
  readonly userId: string
  readonly request: ExchangeRequest
  readonly epoch: string
  readonly serverTimeMs: number
}

/** Throws OtherHistory. Whether the device follows this history is asked again in each transaction that builds on it. */
async function answerTo(engine: ServerEngine, asked: Asked): Promise<ExchangeAnswer> {
  const { userId, request, epoch, serverTimeMs } = asked
  const expectHistory = async (tx: ServerTransaction) => {
    if (!(await belongsHere(tx, asked))) throw new OtherHistory()
  }
  // Asked before a push takes locks that others would wait for.
  const isKnown = request.actions.length === 0 || (await readOnly(engine, (tx) => belongsHere(tx, asked)))
  if (!isKnown) return answered(engine, { kind: 'reset', epoch, serverTimeMs })
  let receipts: readonly Receipt[] = []
  if (request.actions.length > 0) {
    const offering = { registry: engine.registry, author: userId, clientId: request.clientId }
    const offers = request.actions.map((offered) => readOffer(offering, offered))
    if (isServerClient(request.clientId)) return answered(engine, { kind: 'fork', serverTimeMs })
    const push = { author: userId, clientId: request.clientId, offers, numbering: 'client', expectHistory } as const
    const ingested = await ingest(engine, push)
    if (ingested.kind === 'fork') return answered(engine, { kind: 'fork', serverTimeMs })
    if (ingested.kind === 'ahead') {
      const held = await readOnly(engine, (tx) => tx.rows.heldAudiences(userId))
      const { above } = ingested
      return answered(engine, { kind: 'ahead', serverTimeMs, above, receipts: tellable(ingested.receipts, held) })
    }
    receipts = ingested.receipts
  }
  if (isOtherSchema(engine, request)) {
    const held = await readOnly(engine, async (tx) => {
      await expectHistory(tx)
      return tx.rows.heldAudiences(userId)
    })
    const told = { epoch, build: engine.build, serverTimeMs: engine.now(), receipts: tellable(receipts, held) }
    return answered(engine, { kind: 'update', ...told })
  }
  const { behind, ...news } = await readOnly(engine, async (tx) => {
    await stillReadable(engine, tx)
    await expectHistory(tx)
    return readNews(tx, engine.page, { ...request, userId })
  })
  compareDigests(engine, request.digests, news.digests)
  const told = { epoch, build: engine.build, serverTimeMs: engine.now(), receipts: tellable(receipts, news.audiences) }
  return answered(engine, { kind: 'sync', ...told, ...news }, behind)
}

/** Its tables are not ours: rows would not fit (DEP-2). */
export function isOtherSchema(
  { schema }: Pick<ServerEngine, 'schema'>,
  request: Pick<ExchangeRequest, 'schema'>,
): boolean {
  return schema !== null && request.schema !== schema
}

/** Checked before ingest, so that nothing is judged against a history the device does not share (ING-0, CX-33). */
async function belongsHere(
  tx: ServerTransaction,
  { userId, request, epoch }: Omit<Asked, 'serverTimeMs'>,
): Promise<boolean> {
  if ((await tx.history.readEpoch()) !== epoch || (request.epoch !== null && request.epoch !== epoch)) return false
  if (!isStorable(JSON.stringify(request.cursors)) || !(await tx.log.cursorsBelong(request.cursors))) return false
  if (request.lastConfirmed === null) return true
  // An id of somebody else is as unknown as an invented one (AB-23).
  return (await tx.history.knownIds([request.lastConfirmed])).get(request.lastConfirmed)?.author === userId
}

export async function ensureEpoch(engine: Retrying & Pick<ServerEngine, 'store' | 'newId'>): Promise<string> {
  const found = await readOnly(engine, (tx) => tx.history.readEpoch())
  if (found) return found
  return withRetries(engine, () =>
    engine.store.transaction(async (tx) => {
      await tx.history.createEpoch(engine.newId())
      return (await tx.history.readEpoch()) ?? ''
    }),
  )
}

function readOnly<Result>(
  engine: Retrying & Pick<ServerEngine, 'store'>,
  work: (tx: ServerTransaction) => Promise<Result>,
): Promise<Result> {
  return withRetries(engine, () => engine.store.read(work))
}

/** The device heals itself; whoever runs the server hears of it. */
function compareDigests(engine: ServerEngine, theirs: readonly Digest[], ours: readonly Digest[]): void {
  const here = new Map(ours.map(({ audience, digest }) => [audience, digest]))
  for (const { audience, digest: device } of theirs) {
    const server = here.get(audience)
    if (server !== undefined && server !== device) engine.trace({ kind: 'digest-mismatch', audience, device, server })
  }
}

function answered(engine: ServerEngine, answer: ExchangeAnswer, behind = 0): ExchangeAnswer {
  const isSync = answer.kind === 'sync'
  engine.trace({
    kind: 'exchange',
    answer: answer.kind,
    entries: isSync ? answer.entries.length : 0,
    snapshots: isSync ? answer.snapshots.length : 0,
    behind,
  })
  return answer
}
