/** What became of actions, on a device: memory and PGlite answer the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ColumnDifference, ShownRow } from '@/lib/sync/core/shown'
import type { ReceiptRow } from '@/lib/sync/store/device/receipts'
import type { DeviceStore, DeviceTransaction } from '@/lib/sync/store/device/transaction'
import { uuid } from './act'
import { devices } from './implementations'
import { clockAt, pendingRow, receiptOf, receiptRow, refusal, sortedBy } from './records'

const numbered = (...numbers: readonly number[]) => numbers.map(uuid)

const shown: ShownRow[] = [{ table: 'items', key: `["${uuid(1)}"]`, columns: { value: '5', holder: null } }]
const difference: ColumnDifference[] = [
  { table: 'items', key: `["${uuid(1)}"]`, column: 'value', previewed: '5', now: null },
]

/** As the interface declares them, in an order of their own. */
const plain = (rows: readonly ReceiptRow[]): ReceiptRow[] =>
  rows.map((row) => {
    const { receipt, clock, input, effect, told, isSeen } = row
    return { receipt, clock, input, effect, shown: row.shown, difference: row.difference, told, isSeen }
  })
const byId = (rows: readonly ReceiptRow[]) => sortedBy(plain(rows), ({ receipt }) => receipt.actionId)

describe.each(devices)('receipts in the device’s database: $name', ({ open }) => {
  let opened: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  const test = (name: string, work: (store: DeviceStore) => Promise<void>) =>
    it(name, async () => work(await (await opened.empty()).start()))

  const rowsOf = async (store: DeviceStore, ...numbers: number[]) =>
    byId(await store.transaction(({ receipts }) => receipts.receiptsById(numbered(...numbers))))
  const unsettled = async (store: DeviceStore) =>
    byId(await store.transaction(({ receipts }) => receipts.unsettledReceipts()))
  const change = (store: DeviceStore, work: (receipts: DeviceTransaction['receipts']) => Promise<void>) =>
    store.transaction(({ receipts }) => work(receipts))

  /** What its author saw and was told of action 1. */
  const looked = receiptRow(receiptOf(1), { effect: 'e', shown, difference, told: 'applied', isSeen: false })

  test('[REC-3] a receipt that is new is kept with nothing known but itself', async (store) => {
    await change(store, async (receipts) => {
      await receipts.saveReceipts([])
      await receipts.saveReceipts(new Set([receiptOf(1), receiptOf(2, refusal)]))
    })
    const both = [receiptRow(receiptOf(1)), receiptRow(receiptOf(2, refusal))]
    expect(await rowsOf(store, 2, 1, 1, 9)).toEqual(both)
    expect(await unsettled(store)).toEqual(both)
    await store.transaction(async ({ receipts }) => {
      const known = await receipts.knownReceipts(numbered(9, 2, 2))
      expect(known).toEqual([receiptOf(2, refusal)])
      expect(await receipts.knownReceipts([])).toEqual([])
      expect(await receipts.receiptsById([])).toEqual([])
    })
  })

  test('[REC-3] a new revision keeps what was seen and told, and is to be looked at again', async (store) => {
    await change(store, async (receipts) => {
      await receipts.saveReceipts([receiptOf(1), receiptOf(2)])
      await receipts.saveSettled([looked])
    })
    expect(await unsettled(store)).toEqual([receiptRow(receiptOf(2))])
    const newer = receiptOf(1, { revision: 2, status: 'rejected', reason: 'seat-taken', clock: clockAt(70) })
    await change(store, (receipts) => receipts.saveReceipts([newer]))
    expect(await rowsOf(store, 1)).toEqual([{ ...looked, receipt: newer }])
    expect(await unsettled(store)).toEqual([{ ...looked, receipt: newer }, receiptRow(receiptOf(2))])
  })

  test('[REC-3] settled ones keep their receipt, clock and input; unknown ones stay unknown', async (store) => {
    await change(store, async (receipts) => {
      await receipts.saveReceipts([receiptOf(1), receiptOf(2)])
      await receipts.saveSettled([])
      const other = receiptOf(1, { status: 'rejected', revision: 9 })
      await receipts.saveSettled([
        { ...looked, receipt: other, clock: clockAt(99), input: 'x' },
        receiptRow(receiptOf(9), { told: 'applied' }),
      ])
    })
    expect(await rowsOf(store, 1, 9)).toEqual([looked])
    await change(store, (receipts) => receipts.saveSettled([receiptRow(receiptOf(1))]))
    expect(await rowsOf(store, 1)).toEqual([receiptRow(receiptOf(1))])
  })

  test('[REC-3] what leaves pending takes along what its author saw', async (store) => {
    const mine = { input: '{"a":1}', clock: clockAt(40), effect: 'e', shown }
    await store.transaction(async ({ pending, receipts }) => {
      await pending.insertPending([
        ...[pendingRow(1, mine), pendingRow(2, { ...mine, wasConfirmed: true }), pendingRow(3, mine)],
        ...[pendingRow(4, mine), pendingRow(5)],
      ])
      await receipts.saveReceipts([1, 2, 4, 5, 6].map((number) => receiptOf(number)))
      await receipts.saveSettled([receiptRow(receiptOf(1), { told: 'applied', difference, isSeen: false })])
      await receipts.settlePending([])
      await receipts.settlePending(numbered(1, 2, 3, 5, 6, 9))
    })
    expect(await rowsOf(store, 1, 2, 3, 4, 5, 6)).toEqual([
      receiptRow(receiptOf(1), { ...mine, told: 'applied', difference, isSeen: false }),
      receiptRow(receiptOf(2), { ...mine, shown: null }),
      receiptRow(receiptOf(4)),
      receiptRow(receiptOf(5), { input: pendingRow(5).input }),
      receiptRow(receiptOf(6)),
    ])
    const left = await store.transaction(({ pending }) => pending.readPending())
    expect(left).toEqual([pendingRow(4, mine)])
    expect((await unsettled(store)).map(({ receipt }) => receipt.actionId)).toEqual(numbered(2, 5, 6))
  })

  test('[REC-3] while an action is pending its receipt is neither unsettled nor among the latest', async (store) => {
    await store.transaction(async ({ pending, receipts }) => {
      await pending.insertPending([pendingRow(1), pendingRow(2)])
      await receipts.saveReceipts([receiptOf(1), receiptOf(3)])
    })
    await store.transaction(async ({ receipts }) => {
      expect(await receipts.receiptsOfPending()).toEqual(new Map([[uuid(1), receiptOf(1)]]))
      expect(plain(await receipts.unsettledReceipts())).toEqual([receiptRow(receiptOf(3))])
      expect(plain(await receipts.latestReceipts(9))).toEqual([receiptRow(receiptOf(3))])
      expect(await receipts.settledOutcomes()).toEqual(new Map())
    })
  })

  test('[REC-3] the latest by when they were done, at one clock by id', async (store) => {
    await store.transaction(async ({ pending, receipts }) => {
      await pending.insertPending([pendingRow(1, { clock: clockAt(60) })])
      const offered = [receiptOf(1), receiptOf(3, refusal), receiptOf(2, refusal), receiptOf(5), receiptOf(4)]
      await receipts.saveReceipts([...offered, receiptOf(6, { clock: clockAt(4) })])
      await receipts.settlePending([uuid(1)])
    })
    const latest = async (limit: number) =>
      (await store.transaction(({ receipts }) => receipts.latestReceipts(limit))).map(({ receipt }) => receipt.actionId)
    expect(await latest(9)).toEqual(numbered(1, 5, 4, 6, 2, 3))
    expect(await latest(2)).toEqual(numbered(1, 5))
    expect(await latest(0)).toEqual([])
  })

  test('[REC-3] what was looked at is marked as seen', async (store) => {
    await change(store, async (receipts) => {
      await receipts.saveReceipts([receiptOf(1), receiptOf(2)])
      await receipts.saveSettled([looked, receiptRow(receiptOf(2), { isSeen: false })])
      await receipts.markSeen([])
      await receipts.markSeen(numbered(1, 9))
    })
    expect(await rowsOf(store, 1, 2)).toEqual([
      { ...looked, isSeen: true },
      receiptRow(receiptOf(2), { isSeen: false }),
    ])
    expect(await unsettled(store)).toEqual([])
  })

  test('[OUT-1] outcomes are told of actions of this device that are no longer pending', async (store) => {
    const restamped = receiptOf(2, { status: 'rejected', restamped: true, clock: clockAt(80) })
    await store.transaction(async ({ pending, receipts }) => {
      await pending.insertPending([1, 2, 3, 4].map((number) => pendingRow(number)))
      await receipts.saveReceipts([receiptOf(1, refusal), restamped, receiptOf(3), receiptOf(5)])
      await receipts.settlePending(numbered(1, 2))
    })
    const outcomes = await store.transaction(({ receipts }) => receipts.settledOutcomes())
    expect(sortedBy(outcomes, ([id]) => id)).toEqual([
      [uuid(1), { status: 'refused', clock: null }],
      [uuid(2), { status: 'rejected', clock: clockAt(80) }],
    ])
  })

  test('[OUT-1] a reset drops what the lost history said; refused actions were never part of it', async (store) => {
    const statuses = ['applied', 'rejected', 'refused', 'held'] as const
    await change(store, async (receipts) => {
      await receipts.saveReceipts(statuses.map((status, index) => receiptOf(index + 1, { status })))
      await receipts.dropReceipts()
    })
    expect(await rowsOf(store, 1, 2, 3, 4)).toEqual([receiptRow(receiptOf(3, { status: 'refused' }))])
    expect(await store.transaction(({ pending }) => pending.readDone(uuid(1)))).toBeNull()
  })
})
