import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutPage } from './page'
import type { LogEntry } from './protocol'

const audiences = ['a', 'b', 'c']
const bounds = (entriesMax: number) => ({ entriesMax, charactersMax: 1_000_000 })

/** Entries per audience of one ingest, and how far its stamp lies above those it must be above. */
const ingest = fc.record({
  entries: fc.array(fc.constantFrom(...audiences), { minLength: 1, maxLength: 5 }),
  ahead: fc.nat({ max: 2 }),
})

/** A log as ING-5 makes it: dense numbers per audience, stamps above those of every audience the ingest touches. */
function logOf(ingests: readonly { entries: readonly string[]; ahead: number }[]): LogEntry[] {
  const seqs = new Map<string, number>()
  const stamps = new Map<string, number>()
  return ingests.flatMap(({ entries, ahead }, index) => {
    const stamp = 1 + ahead + Math.max(0, ...entries.map((audience) => stamps.get(audience) ?? 0))
    for (const audience of entries) stamps.set(audience, stamp)
    return entries.map((audience, place) => {
      const seq = (seqs.get(audience) ?? 0) + 1
      seqs.set(audience, seq)
      return { ...blank, audience, seq, stamp, place, ingest: `ingest ${index}` }
    })
  })
}

const blank: Omit<LogEntry, 'audience' | 'seq' | 'stamp' | 'place' | 'ingest'> = {
  token: '',
  previousToken: '',
  kind: 'action',
  action: null,
  causes: [],
  changes: [],
  receipts: [],
}

/** As the server reads: above each cursor `readMax`, and to the end of the last one's ingest. */
function runsOf(log: readonly LogEntry[], cursors: ReadonlyMap<string, number>, readMax: number) {
  return audiences.map((audience) => {
    const above = log.filter((entry) => entry.audience === audience && entry.seq > (cursors.get(audience) ?? 0))
    const last = above[Math.min(readMax, above.length) - 1]?.stamp ?? 0
    const entries = above.filter((entry) => entry.stamp <= last)
    return { audience, entries, isCut: above.length > entries.length }
  })
}

const names = (entries: readonly LogEntry[]) => entries.map((entry) => `${entry.audience} ${entry.seq}`)

describe('a page', () => {
  it('[ORD-1] page by page everything is read once, whole ingests at a time, in stamp order over all audiences', () => {
    let pages = 0
    fc.assert(
      fc.property(
        fc.array(ingest, { maxLength: 20 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (made, readMax, pageMax) => {
          const log = logOf(made)
          const cursors = new Map<string, number>()
          const read: LogEntry[] = []
          for (let more = true; more; pages += 1) {
            const page = cutPage(runsOf(log, cursors, readMax), bounds(pageMax))
            expect(page.entries.length > 0 || !page.more, 'a page makes progress').toBe(true)
            const ingests = new Set(page.entries.map((entry) => entry.ingest))
            const whole = log.filter((entry) => ingests.has(entry.ingest))
            expect(names(page.entries).sort()).toEqual(names(whole).sort())
            for (const entry of page.entries) {
              expect(entry.seq).toBe((cursors.get(entry.audience) ?? 0) + 1)
              cursors.set(entry.audience, entry.seq)
            }
            read.push(...page.entries)
            more = page.more
          }
          expect(names(read).sort()).toEqual(names(log).sort())
          for (const [index, entry] of read.entries()) {
            expect(entry.stamp).toBeGreaterThanOrEqual(read[index - 1]?.stamp ?? 0)
          }
        },
      ),
      { numRuns: 300 },
    )
    expect(pages).toBeGreaterThan(600)
  })

  it('[ORD-1] a page is no larger than asked, unless one stamp is', () => {
    const log = logOf([
      { entries: ['a', 'b'], ahead: 0 },
      { entries: ['a'], ahead: 0 },
      { entries: ['a', 'b', 'a', 'b'], ahead: 0 },
    ])
    const sizes = [1, 2, 3, 4, 7].map((max) => cutPage(runsOf(log, new Map(), 100), bounds(max)).entries.length)
    expect(sizes).toEqual([2, 2, 3, 7, 7])
  })

  it('[ORD-1] nothing to read is the last page', () => {
    expect(cutPage([], bounds(10))).toEqual({ entries: [], more: false, oversized: [] })
    expect(cutPage(runsOf([], new Map(), 10), bounds(10))).toEqual({ entries: [], more: false, oversized: [] })
  })

  it('[ORD-1] entries beyond the stamp where an audience was cut wait, also those of other audiences', () => {
    const log = logOf([
      { entries: ['a'], ahead: 0 },
      { entries: ['a', 'b'], ahead: 0 },
      { entries: ['a'], ahead: 0 },
    ])
    const page = cutPage(runsOf(log, new Map(), 2), bounds(100))
    expect(page.more).toBe(true)
    expect(names(page.entries).sort()).toEqual(['a 1', 'a 2', 'b 1'])
  })

  it('[SNAP-1] a page ends before it has too many characters, and between ingests', () => {
    const log = logOf([
      { entries: ['a', 'b'], ahead: 0 },
      { entries: ['a'], ahead: 0 },
      { entries: ['a'], ahead: 0 },
    ])
    const charactersMax = log.slice(0, 3).reduce((sum, entry) => sum + JSON.stringify(entry).length, 0)
    const page = cutPage(runsOf(log, new Map(), 100), { entriesMax: 100, charactersMax })
    expect(names(page.entries).sort()).toEqual(['a 1', 'a 2', 'b 1'])
    expect(page).toMatchObject({ more: true, oversized: [] })
  })

  it('[SNAP-1] an ingest too large for any page names its audiences, and the page does not ask for more', () => {
    const log = logOf([
      { entries: ['a', 'b'], ahead: 0 },
      { entries: ['c'], ahead: 9 },
    ])
    const page = cutPage(runsOf(log, new Map(), 100), { entriesMax: 100, charactersMax: 10 })
    expect(page).toEqual({ entries: [], more: false, oversized: ['a', 'b'] })
  })
})
