import { describe, expect, it } from 'vitest'
import type { LogEntry, Snapshot } from '@/lib/sync/core/protocol'
import { createPageChecker } from './page-checker'

const [a, b] = ['club:1', 'club:2']
const audiences = [a, b]

function entry(audience: string, seq: number, more: Partial<LogEntry> = {}): LogEntry {
  const told = { kind: 'action', action: null, causes: [], changes: [], receipts: [], place: 0 } as const
  const [ingest, stamp] = [`${audience} ${seq}`, 100 + seq]
  return { ...told, audience, seq, token: `t${seq}`, previousToken: `t${seq - 1}`, stamp, ingest, ...more } as LogEntry
}

function started() {
  const checker = createPageChecker()
  const snapshot = (audience: string): Snapshot => ({
    audience,
    seq: 1,
    maxClock: null,
    token: 't1',
    stamp: 101,
    rows: [],
    receipts: [],
  })
  checker.check({ audiences, entries: [], snapshots: audiences.map(snapshot) })
  return (...entries: LogEntry[]) => checker.check({ audiences, entries, snapshots: [] })
}

describe('checking the pages of a reader', () => {
  it('[ING-5] finds nothing where each entry follows the one before, in any order of audiences', () => {
    const check = started()
    expect(check(entry(b, 2), entry(a, 3), entry(a, 2))).toEqual([])
    expect(check(entry(a, 4), entry(b, 3, { ingest: 'club:1 4' }))).toEqual([])
  })

  it('[ING-5] finds a number that was left out, inside a page and between two', () => {
    expect(started()(entry(a, 2), entry(a, 4))).toHaveLength(2)
    const check = started()
    check(entry(a, 2))
    expect(check(entry(a, 4))).toHaveLength(2)
  })

  it('[ING-5] finds a number that came twice', () => {
    const check = started()
    check(entry(a, 2))
    expect(check(entry(a, 2, { ingest: 'another' })).length).toBeGreaterThan(0)
  })

  it('[ING-5] finds a token of another history', () => {
    expect(started()(entry(a, 2, { previousToken: 'other' }))).toEqual(['club:1 2: it names other, not t1'])
  })

  it('[ING-5] finds a stamp that does not grow, and one that differs inside an ingest', () => {
    expect(started()(entry(a, 2, { stamp: 101 }))).toHaveLength(1)
    const inside = { ingest: 'one' }
    expect(started()(entry(a, 2, inside), entry(a, 3, { ...inside, stamp: 102 }))).toEqual([])
    expect(started()(entry(a, 2, inside), entry(a, 3, inside))).toHaveLength(1)
  })

  it('[ING-5, CX-12b] finds an ingest of which one half came later', () => {
    const check = started()
    expect(check(entry(a, 2, { ingest: 'both' }))).toEqual([])
    expect(check(entry(b, 2, { ingest: 'both' }))).toEqual(['ingest both came in two answers'])
  })

  it('[AUD-5] finds log of an audience that began without a snapshot', () => {
    const checker = createPageChecker()
    expect(checker.check({ audiences, entries: [entry(a, 1)], snapshots: [] })).toHaveLength(1)
  })
})
