/**
 * A large audience as a stream: one consistent read, written piece by piece as fast as it is taken (SNAP-1).
 *
 * ```
 *  repeatable read ─▶ held? head, receipts of what this device has pending ─▶ rows by table, as COPY writes them ─▶ end
 * ```
 */
import { userAudience } from '../core/audience'
import { invariant } from '../core/invariant'
import type { SnapshotRequest } from '../core/protocol'
import { endText, headText, tableText } from '../core/snapshot-stream'
import type { ServerTransaction } from '../store/server/transaction'
import type { ServerEngine } from './engine'
import { ensureEpoch, isOtherSchema } from './exchange'
import { latestReceipts, markOf } from './read'
import { tellable } from './receipt-details'
import { beginServing, stillReadable } from './serving'

/** Takes text in order. Resolves when it may be given more: then memory does not grow with the rows. */
export type SnapshotSink = (text: string) => Promise<void>

export interface SnapshotAsked {
  readonly userId: string
  readonly request: SnapshotRequest
}

/** The device has other tables than the server: rows would not fit (DEP-2). */
export class OtherSchema extends Error {
  override readonly name = 'OtherSchema'
  constructor() {
    super('The tables of this device belong to another build of the app: it must be updated.')
  }
}

/** Answers false, and wrote nothing, when the user does not hold the audience. Rejects when the read or the sink fails. */
export async function writeSnapshot(engine: ServerEngine, asked: SnapshotAsked, sink: SnapshotSink): Promise<boolean> {
  await beginServing(engine)
  if (isOtherSchema(engine, asked.request)) throw new OtherSchema()
  await ensureEpoch(engine)
  // Not retried: part of it may be with the device, which asks again by itself.
  return engine.store.read(async (tx) => {
    await stillReadable(engine, tx)
    const { audience } = asked.request
    const audiences = await tx.rows.heldAudiences(asked.userId)
    if (!audiences.includes(audience)) return false
    const tables = await tx.rows.countRows(audience)
    const rowCount = tables.reduce((sum, table) => sum + table.count, 0)
    const [head] = (await tx.log.readHeads([audience])).values()
    const epoch = await tx.history.readEpoch()
    invariant(head && epoch !== null, 'SNAP-1', 'An audience has no head, or its history no epoch')
    const receipts = await receiptsBeside(tx, asked, audiences)
    const { build } = engine
    await sink(headText({ ...markOf(head), receipts, epoch, build, serverTimeMs: engine.now(), rowCount }))
    for (const table of tables) {
      await sink(tableText(table))
      for await (const text of tx.rows.copyRows(audience, table.table)) await sink(text)
    }
    await sink(endText(rowCount))
    engine.trace({ kind: 'snapshot', rows: rowCount })
    return true
  })
}

/**
 * Rows of the same read may hold what the device still has pending: it must hear at once what became of that, or it would
 * show it twice. With `user:` come the receipts that replace those of the device.
 */
async function receiptsBeside(tx: ServerTransaction, { userId, request }: SnapshotAsked, audiences: readonly string[]) {
  const { clientId, pendingIds, lastOrdinal, audience } = request
  const beside = await tx.history.receiptsFor(userId, { ids: pendingIds, clientId, after: lastOrdinal })
  const isOwn = audience === userAudience(userId)
  return [...(isOwn ? await latestReceipts(tx, { userId, audiences }) : []), ...tellable(beside, audiences)]
}
