import { describe, expect, test } from 'vitest'
import { namesUnknownPositions, planArrival } from './plan-arrival'
import type { LogEntry, Receipt, Snapshot } from './protocol'

const cursor = (audience: string, seq: number) => ({ audience, seq, token: `${audience}${seq}`, stamp: seq * 10 })

function entry(audience: string, seq: number, previousToken = `${audience}${seq - 1}`): LogEntry {
  return {
    ...cursor(audience, seq),
    previousToken,
    place: 0,
    ingest: `i${seq}`,
    kind: 'correction',
    action: null,
    causes: [],
    changes: [],
    receipts: [],
  }
}

const snapshot = (audience: string, seq: number): Snapshot => ({
  ...cursor(audience, seq),
  maxClock: null,
  rows: [],
  receipts: [],
})

function ask(fields: { audiences?: string[]; entries?: LogEntry[]; snapshots?: Snapshot[]; known?: string[] }) {
  const answer = { audiences: ['a', 'b'], entries: [], snapshots: [], ...fields }
  const cursors = new Map([
    ['a', cursor('a', 5)],
    ['gone', cursor('gone', 3)],
  ])
  const plan = planArrival(answer, { cursors, audiences: new Set(fields.known ?? ['a', 'gone']) })
  return { ...plan, seqs: plan.entries.map((one) => one.seq), at: plan.cursors.get('a')?.seq }
}

describe('planArrival', () => {
  test('[REC-1] takes what follows the cursor, in any order, and skips what was applied', () => {
    const plan = ask({ entries: [entry('a', 7), entry('a', 5), entry('a', 6)] })
    expect(plan).toMatchObject({ seqs: [6, 7], at: 7, hasGap: false })
    expect(plan.cursors.get('a')).toEqual(cursor('a', 7))
  })

  test('[REC-1] a missing number is a gap, and nothing behind it is taken', () => {
    expect(ask({ entries: [entry('a', 6), entry('a', 8)] })).toMatchObject({ seqs: [6], at: 6, hasGap: true })
  })

  test('[REC-1] another token before it is a gap: it belongs to another history', () => {
    expect(ask({ entries: [entry('a', 6, 'other'), entry('a', 7)] })).toMatchObject({ seqs: [], at: 5, hasGap: true })
  })

  test('[AUD-5] without a cursor only a snapshot counts, and entries behind it follow', () => {
    expect(ask({ entries: [entry('b', 1)] })).toMatchObject({ seqs: [], hasGap: false })
    const plan = ask({ snapshots: [snapshot('b', 4)], entries: [entry('b', 5), entry('b', 4)] })
    expect(plan).toMatchObject({ seqs: [5] })
    expect(plan.cursors.get('b')?.seq).toBe(5)
  })

  test('[SNAP-1] a snapshot older than the cursor is skipped', () => {
    expect(ask({ snapshots: [snapshot('a', 4)] })).toMatchObject({ snapshots: [], at: 5 })
  })

  test('[AUD-5] what the list of audiences leaves out is lost, also when only its rows are left after a reset', () => {
    expect(ask({}).lost).toEqual(['gone'])
    expect(ask({ known: ['a', 'older'] }).lost).toEqual(['gone', 'older'])
    expect(ask({}).cursors.has('gone')).toBe(false)
  })

  test('[AUD-5] nothing of an audience outside the list is taken', () => {
    const plan = ask({ entries: [entry('gone', 4)], snapshots: [snapshot('x', 1)] })
    expect(plan).toMatchObject({ seqs: [], snapshots: [] })
  })
})

describe('namesUnknownPositions', () => {
  const receipts = (positions: Record<string, number>) => [{ positions } as unknown as Receipt]
  const heads = { cursors: new Map([['a', cursor('a', 5)]]), hasGap: false }

  test('[ING-4] CX-42 a position beyond the head of the same read means another history', () => {
    expect(namesUnknownPositions({ receipts: receipts({ a: 6 }), more: false, large: [] }, heads)).toBe(true)
    expect(namesUnknownPositions({ receipts: receipts({ a: 5, elsewhere: 9 }), more: false, large: [] }, heads)).toBe(
      false,
    )
  })

  test('[ING-4] a page that was cut does not know the heads, nor does one that leaves rows to a stream', () => {
    expect(namesUnknownPositions({ receipts: receipts({ a: 6 }), more: true, large: [] }, heads)).toBe(false)
    expect(namesUnknownPositions({ receipts: receipts({ a: 6 }), more: false, large: ['b'] }, heads)).toBe(false)
  })
})
