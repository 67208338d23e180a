import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SnapshotHead } from './protocol'
import { endText, headText, SnapshotBroken, type SnapshotPart, SnapshotReader, tableText } from './snapshot-stream'

const head: SnapshotHead = {
  ...{ audience: 'project:1', seq: 7, token: 'seven', stamp: 9, maxClock: null, receipts: [] },
  ...{ epoch: 'one', build: 'b', serverTimeMs: 5, rowCount: 3 },
}
const issues = { table: 'issues', columns: ['id', 'title'], count: 2 }
const labels = { table: 'labels', columns: ['id'], count: 1 }
const [a, b, c] = ['a\tBuy "bread"\n', 'b\t\\N {"end":3}\n', 'c\n']
const whole = [headText(head), tableText(issues), a, b, tableText(labels), c, endText(3)].join('')

function readAll(pieces: readonly string[]): SnapshotPart[] {
  const reader = new SnapshotReader()
  const parts = pieces.flatMap((piece) => reader.push(piece))
  reader.finish()
  return parts
}

/** Rows of one table may come in several parts. */
function rowsOf(parts: readonly SnapshotPart[], table: string): string {
  return parts.map((part) => (part.kind === 'rows' && part.table.table === table ? part.text : '')).join('')
}

describe('reading a snapshot', () => {
  test('[SNAP-1] gives head, rows by table and the end, wherever the pieces were cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: whole.length }), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.sort((left, right) => left - right), whole.length]
        const parts = readAll(places.slice(1).map((place, index) => whole.slice(places[index], place)))
        expect(parts[0]).toEqual({ kind: 'head', head })
        expect(parts.at(-1)).toEqual({ kind: 'end' })
        expect([rowsOf(parts, 'issues'), rowsOf(parts, 'labels')]).toEqual([a + b, c])
        expect(parts.reduce((sum, part) => sum + (part.kind === 'rows' ? part.count : 0), 0)).toBe(3)
      }),
    )
  })

  test('[NET-1, FM-31] what is cut off anywhere is broken', () => {
    for (let end = 0; end < whole.length; end += 1) {
      expect(() => readAll([whole.slice(0, end)]), `cut at ${end}`).toThrow(SnapshotBroken)
    }
  })

  test.each([
    ['a page of a hotel', '<html>\n<body>\n'],
    ['another form of head', `${JSON.stringify({ ...head, rowCount: -1 })}\n`],
    ['fewer rows than the head says', headText(head) + tableText(labels) + c + endText(1)],
    ['fewer rows than the end says', headText({ ...head, rowCount: 1 }) + tableText(labels) + c + endText(2)],
    ['a table without columns', `${headText(head)}{"table":"issues","columns":[],"count":1}\n`],
    ['something after the end', `${whole}more\n`],
  ])('[NET-1] %s is broken', (_, text) => {
    expect(() => readAll([text])).toThrow(SnapshotBroken)
  })
})
