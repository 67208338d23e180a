/** What a checker sees of a database in SQL: read whole, through the engine's own readers where they exist. */
import type { LogEntry, Receipt } from '@/lib/sync/core/protocol'
import { readCursors, readMeta } from '@/lib/sync/store/device/meta'
import { readPending } from '@/lib/sync/store/device/pending'
import { type ReceiptRow, receiptsById } from '@/lib/sync/store/device/receipts'
import type { Sql } from '@/lib/sync/store/driver'
import { type KnownId, knownIds, readAccepted } from '@/lib/sync/store/server/history'
import { readEntries, readHeads } from '@/lib/sync/store/server/log'
import type { DeviceLook, RowLook, ServerLook } from '../ground'

export async function readServer(sql: Sql, rows: RowLook): Promise<ServerLook> {
  const texts = async (statement: string) => (await sql.rows(statement)).map(([text]) => String(text))
  const accepted = await readAccepted(sql, await texts('select id from sync.actions'))
  const ids: Map<string, KnownId> = await knownIds(sql, await texts('select id from sync.ids'))
  const audiences = await texts('select audience from sync.audiences')
  const heads = await readHeads(sql, audiences)
  const cursors = audiences.map((audience) => ({ audience, seq: 0 }))
  const entries: LogEntry[] = [...(await readEntries(sql, cursors, 1_000_000)).values()].flat()
  entries.sort((left, right) => left.stamp - right.stamp || left.place - right.place || left.seq - right.seq)
  const [patches] = await sql.rows('select count(*)::int from sync.patches')
  const patchCount = Number(patches?.[0])
  return {
    rows,
    accepted,
    arrived: null,
    ids,
    heads,
    entries: { values: () => entries, size: entries.length },
    patchCount,
  }
}

export async function readDevice(sql: Sql, rows: RowLook): Promise<DeviceLook> {
  const { audiences, epoch } = await readMeta(sql)
  const ids = (await sql.rows('select action_id from sync.receipts')).map(([id]) => String(id))
  const receipts = new Map<string, ReceiptRow>(
    (await receiptsById(sql, ids)).map((row): [Receipt['actionId'], ReceiptRow] => [row.receipt.actionId, row]),
  )
  const [pending, cursors] = [await readPending(sql), await readCursors(sql)]
  return { rows, pending, receipts, cursors, audiences, epoch }
}
