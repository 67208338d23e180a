/** A device's database in memory: a second implementation of `store/device/transaction`, held to the same contract. */
import { imagesEqual, rowId } from '@/lib/sync/core/images'
import type { Image, Receipt } from '@/lib/sync/core/protocol'
import type { HeldCursor } from '@/lib/sync/core/squash'
import { type Meta, type MetaText, metaOf } from '@/lib/sync/store/device/meta'
import type { PendingRow } from '@/lib/sync/store/device/pending'
import type { ReceiptRow } from '@/lib/sync/store/device/receipts'
import type { DeviceStore, DeviceTransaction } from '@/lib/sync/store/device/transaction'
import type { RowTarget } from '@/lib/sync/store/set-rows'
import { CapturedTables, violation } from './captured'
import { copyValues } from './copy-text'
import { type Journal, JournaledMap } from './journal'

interface StoredReceipt extends ReceiptRow {
  readonly value: string | null
  readonly isSettled: boolean
}

/** What outlives the process of a device. */
export class MemoryDeviceDatabase {
  readonly tables = new CapturedTables()
  readonly journal: Journal = this.tables.journal
  readonly meta = new JournaledMap<string, string>(this.journal)
  readonly cursors = new JournaledMap<string, HeldCursor>(this.journal)
  readonly pending = new JournaledMap<string, PendingRow>(this.journal)
  readonly receipts = new JournaledMap<string, StoredReceipt>(this.journal)
  readonly stage = new JournaledMap<string, RowTarget & { readonly image: Image }>(this.journal)

  private known: { readonly version: number; readonly meta: Meta } | null = null

  readMeta(): Meta {
    const { version } = this.meta
    if (this.known?.version !== version) {
      this.known = { version, meta: metaOf(Object.fromEntries(this.meta.entries()) as MetaText) }
    }
    return this.known.meta
  }

  clear(): void {
    this.tables.clear()
    for (const map of [this.meta, this.cursors, this.pending, this.receipts, this.stage]) map.clear()
  }

  copyFrom(other: MemoryDeviceDatabase): void {
    this.clear()
    this.tables.copyFrom(other.tables)
    this.meta.copyFrom(other.meta)
    this.cursors.copyFrom(other.cursors)
    this.pending.copyFrom(other.pending)
    this.receipts.copyFrom(other.receipts)
    this.stage.copyFrom(other.stage)
  }
}

/** One process with the database open. */
export class MemoryDevice implements DeviceStore {
  private readonly tx: DeviceTransaction

  constructor(private readonly database: MemoryDeviceDatabase) {
    this.tx = {
      rows: database.tables,
      meta: createMeta(database),
      pending: createPending(database),
      receipts: createReceipts(database),
      stage: createStage(database),
    }
  }

  async prepare() {
    return { isLayerGone: false }
  }

  /** Whoever uses it runs one transaction after another, as PGlite's one connection does. */
  async transaction<Result>(work: (tx: DeviceTransaction) => Promise<Result>): Promise<Result> {
    const { journal } = this.database
    const { place } = journal
    try {
      return await work(this.tx)
    } catch (error) {
      journal.goBackTo(place)
      throw error
    }
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

function createMeta(database: MemoryDeviceDatabase): DeviceTransaction['meta'] {
  const { meta, cursors } = database
  return {
    readMeta: async () => database.readMeta(),
    writeMeta: async (changes) => {
      for (const [key, value] of Object.entries(changes)) {
        if (value === null) meta.delete(key)
        else if (meta.get(key) !== value) meta.set(key, value)
      }
    },
    readCursors: async () => new Map([...cursors.entries()].sort(([left], [right]) => (left < right ? -1 : 1))),
    writeCursors: async (given) => {
      const next = new Map([...given].map((cursor) => [cursor.audience, cursor]))
      for (const audience of [...cursors.entries()].map(([name]) => name)) {
        if (!next.has(audience)) cursors.delete(audience)
      }
      for (const [audience, cursor] of next) if (cursors.get(audience) !== cursor) cursors.set(audience, cursor)
    },
    dropCursors: async (audiences) => {
      if (audiences === 'all') cursors.clear()
      else for (const audience of audiences) cursors.delete(audience)
    },
  }
}

function createStage({ stage, tables, cursors }: MemoryDeviceDatabase): DeviceTransaction['stage'] {
  return {
    open: async () => stage.clear(),
    clear: async () => stage.clear(),
    add: async ({ table, columns }, text) => {
      for (const values of copyValues(text)) {
        const image: Image = Object.fromEntries(columns.map((column, place) => [column, values[place] ?? null]))
        const row = { table, key: JSON.stringify([image.id]), image }
        stage.set(rowId(row), row)
      }
    },
    swapIn: async ({ audience, stamp }) => {
      const isStale = (row: RowTarget) => {
        const here = tables.rows.get(rowId(row))?.image.audience
        return here != null && here !== audience && (cursors.get(here)?.stamp ?? -1) >= stamp
      }
      const gone = (await tables.audienceRows(audience)).filter((row) => !stage.has(rowId(row)))
      const set = [...stage.values()].filter(
        (row) => !isStale(row) && !imagesEqual(row.image, tables.rows.get(rowId(row))?.image ?? null),
      )
      const targets = [...gone.map(({ table, key }) => ({ table, key, image: null })), ...set]
      await tables.setRows(targets)
      return targets.length
    },
  }
}

function createPending({ pending, receipts, cursors }: MemoryDeviceDatabase): DeviceTransaction['pending'] {
  const change = (id: string, by: (row: PendingRow) => Partial<PendingRow>) => {
    const row = pending.get(id)
    if (row) pending.set(id, { ...row, ...by(row) })
  }
  const all = () =>
    [...pending.values()].sort((left, right) => left.ordinal - right.ordinal || (left.id < right.id ? -1 : 1))
  return {
    readPending: async () => all(),
    readLatestPending: async (limit) => {
      const rows = [...pending.values()].sort(
        (left, right) => right.ordinal - left.ordinal || (left.id < right.id ? -1 : 1),
      )
      return { rows: rows.slice(0, limit), waitingCount: rows.filter((row) => row.hold === null).length }
    },
    insertPending: async (rows) => {
      for (const row of rows) {
        if (pending.has(row.id)) throw violation('23505', 'pending')
        pending.set(row.id, row)
      }
    },
    deletePending: async (ids) => {
      for (const id of ids) pending.delete(id)
    },
    saveRuns: async (results) => {
      for (const { id, mayBeRejected, effect, shown, value } of results)
        change(id, (row) => ({ mayBeRejected, effect, shown, value: row.value ?? value }))
    },
    savePlaces: async (places) => {
      for (const [id, place] of places) change(id, () => ({ place }))
    },
    saveNumbers: async (rows) => {
      for (const { id, ordinal, clock, hold, failures, wasConfirmed } of rows) {
        change(id, () => ({ ordinal, clock, hold, failures, wasConfirmed }))
      }
    },
    readDone: async (id) => {
      const row = pending.get(id)
      if (row) return { name: row.name, input: row.input, value: row.value }
      const settled = receipts.get(id)
      return settled ? { name: settled.receipt.name, input: settled.input, value: settled.value } : null
    },
    forgetBlindRuns: async () => {
      if (cursors.size > 0) return
      for (const row of all()) if (row.mayBeRejected) change(row.id, () => ({ shown: null, mayBeRejected: false }))
    },
    moveFromLogToRows: async () => {
      for (const row of all()) if (row.place === 'log') change(row.id, () => ({ place: 'rows' }))
    },
  }
}

function createReceipts({ pending, receipts }: MemoryDeviceDatabase): DeviceTransaction['receipts'] {
  const notPending = () => [...receipts.values()].filter(({ receipt }) => !pending.has(receipt.actionId))
  return {
    knownReceipts: async (ids) => [...new Set(ids)].flatMap((id) => receipts.get(id)?.receipt ?? []),
    saveReceipts: async (given) => {
      for (const receipt of given) {
        const known = receipts.get(receipt.actionId)
        receipts.set(receipt.actionId, { ...(known ?? newRow(receipt)), receipt, isSettled: false })
      }
    },
    receiptsOfPending: async () =>
      new Map(
        [...pending.values()].flatMap(({ id }) => {
          const row = receipts.get(id)
          return row ? [[id, row.receipt] as const] : []
        }),
      ),
    settlePending: async (ids) => {
      for (const id of ids) {
        const row = pending.get(id)
        const known = receipts.get(id)
        pending.delete(id)
        if (!row || !known) continue
        const { input, clock, effect, value, wasConfirmed } = row
        receipts.set(id, { ...known, input, clock, effect, value, shown: wasConfirmed ? null : row.shown })
      }
    },
    unsettledReceipts: async () => notPending().filter((row) => !row.isSettled),
    saveSettled: async (rows) => {
      for (const { receipt, effect, shown, difference, told, isSeen } of rows) {
        const known = receipts.get(receipt.actionId)
        if (known)
          receipts.set(receipt.actionId, { ...known, effect, shown, difference, told, isSeen, isSettled: true })
      }
    },
    latestReceipts: async (limit) =>
      notPending()
        .sort(
          (left, right) => compare(right.clock, left.clock) || compare(left.receipt.actionId, right.receipt.actionId),
        )
        .slice(0, limit),
    receiptsById: async (ids) => [...new Set(ids)].flatMap((id) => receipts.get(id) ?? []),
    markSeen: async (ids) => {
      for (const id of ids) {
        const row = receipts.get(id)
        if (row) receipts.set(id, { ...row, isSeen: true })
      }
    },
    settledOutcomes: async () =>
      new Map(
        notPending()
          .filter((row) => row.input !== null)
          .map(({ receipt: { actionId, status, clock } }) => [actionId, { status, clock }]),
      ),
    forgetValues: async (before) => {
      for (const row of [...receipts.values()])
        if (row.value !== null && row.clock < before) receipts.set(row.receipt.actionId, { ...row, value: null })
    },
    dropReceipts: async () => {
      for (const { receipt } of [...receipts.values()])
        if (receipt.status !== 'refused') receipts.delete(receipt.actionId)
    },
  }
}

function newRow(receipt: Receipt): StoredReceipt {
  const unknown = { input: null, value: null, effect: null, shown: null, difference: null, told: null }
  return { receipt, clock: receipt.clock ?? '', ...unknown, isSeen: true, isSettled: false }
}

const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)
