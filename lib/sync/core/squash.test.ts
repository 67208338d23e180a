import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Image, LogEntry, RowChange, Snapshot } from './protocol'
import { type LocalRow, namedRows, squash } from './squash'

const image = (audience: string, value: string): Image => ({ audience, value })
const put = (audience: string, value: string, key = 'r'): RowChange => ({
  table: 't',
  key,
  image: image(audience, value),
})
const gone = (key = 'r'): RowChange => ({ table: 't', key, image: null })

function entry(audience: string, seq: number, fields: { stamp: number; changes: RowChange[] }): LogEntry {
  return {
    audience,
    seq,
    token: `${audience}${seq}`,
    previousToken: `${audience}${seq - 1}`,
    ingest: `${fields.stamp}`,
    place: seq,
    kind: 'correction',
    action: null,
    causes: [],
    receipts: [],
    ...fields,
  }
}

function snapshotOf(audience: string, stamp: number, values: Record<string, string>): Snapshot {
  const rows = Object.entries(values).map(([key, value]) => ({ table: 't', key, image: image(audience, value) }))
  return { audience, seq: stamp, token: 'x', stamp, maxClock: null, rows, receipts: [] }
}

const at = (audience: string | null, key = 'r'): LocalRow => ({ table: 't', key, audience })
const cursors = (stamps: Record<string, number>) =>
  new Map(Object.entries(stamps).map(([audience, stamp]) => [audience, { stamp }]))

describe('squash', () => {
  test('[APP-1] per row the last change in stamp order wins', () => {
    const entries = [
      entry('a', 2, { stamp: 20, changes: [put('a', 'second')] }),
      entry('a', 1, { stamp: 10, changes: [put('a', 'first')] }),
    ]
    const targets = squash({ entries, snapshots: [] }, [at('a')], cursors({ a: 5 }))
    expect(targets).toEqual([{ table: 't', key: 'r', image: image('a', 'second') }])
  })

  test('[APP-1] CX-1 a move, told as an image in one audience and a delete in the other, ends with the row', () => {
    const entries = [
      entry('b', 1, { stamp: 10, changes: [put('b', 'moved')] }),
      entry('a', 9, { stamp: 10, changes: [gone()] }),
    ]
    const targets = squash({ entries, snapshots: [] }, [at('a')], cursors({ a: 5, b: 5 }))
    expect(targets).toEqual([{ table: 't', key: 'r', image: image('b', 'moved') }])
  })

  test('[APP-1] CX-1 there and back again in one ingest ends where it began', () => {
    const entries = [
      entry('a', 1, { stamp: 10, changes: [gone()] }),
      entry('b', 1, { stamp: 10, changes: [put('b', 'there')] }),
      entry('a', 2, { stamp: 10, changes: [put('a', 'back')] }),
      entry('b', 2, { stamp: 10, changes: [gone()] }),
    ]
    const targets = squash({ entries, snapshots: [] }, [at('a')], cursors({ a: 5, b: 5 }))
    expect(targets).toEqual([{ table: 't', key: 'r', image: image('a', 'back') }])
  })

  test('[APP-1] CX-1b a row inserted and deleted by one ingest is not resurrected', () => {
    const entries = [
      entry('a', 1, { stamp: 10, changes: [put('a', 'new')] }),
      entry('a', 2, { stamp: 10, changes: [gone()] }),
    ]
    expect(squash({ entries, snapshots: [] }, [], cursors({ a: 5 }))).toEqual([])
  })

  test('[APP-1] CX-1b a delete that follows a move counts, although the row lay elsewhere before', () => {
    const entries = [
      entry('a', 1, { stamp: 10, changes: [gone()] }),
      entry('b', 1, { stamp: 10, changes: [put('b', 'moved')] }),
      entry('b', 2, { stamp: 30, changes: [gone()] }),
    ]
    const targets = squash({ entries, snapshots: [] }, [at('a')], cursors({ a: 5, b: 5 }))
    expect(targets).toEqual([{ table: 't', key: 'r', image: null }])
  })

  test('[APP-1] CX-38 an older image of the audience a row has left does not overwrite it', () => {
    const older = [
      entry('b', 1, { stamp: 50, changes: [put('b', 'old')] }),
      entry('b', 2, { stamp: 60, changes: [gone()] }),
    ]
    expect(squash({ entries: older, snapshots: [] }, [at('a')], cursors({ a: 100, b: 40 }))).toEqual([])
  })

  test('[APP-1] an image of the same stamp as the cursor of the audience the row lies in is skipped', () => {
    const entries = [entry('b', 1, { stamp: 100, changes: [put('b', 'x')] })]
    expect(squash({ entries, snapshots: [] }, [at('a')], cursors({ a: 100, b: 40 }))).toEqual([])
  })

  test('[APP-1] a delete of an audience the row does not lie in is ignored', () => {
    const entries = [entry('b', 1, { stamp: 50, changes: [gone()] })]
    expect(squash({ entries, snapshots: [] }, [at('a')], cursors({ a: 5, b: 5 }))).toEqual([])
  })

  test('[SNAP-1] CX-1c rows missing in a snapshot of their audience are deleted, others are left alone', () => {
    const local = [at('a', 'stays'), at('a', 'goes'), at('b', 'other')]
    const targets = squash(
      { entries: [], snapshots: [snapshotOf('a', 20, { stays: 'v' })] },
      local,
      cursors({ a: 5, b: 9 }),
    )
    expect(targets).toEqual([
      { table: 't', key: 'stays', image: image('a', 'v') },
      { table: 't', key: 'goes', image: null },
    ])
  })

  test('[SNAP-1] CX-1c a snapshot of a gained audience takes the row that moved there, its older half does not return', () => {
    const moved = squash({ entries: [], snapshots: [snapshotOf('b', 20, { r: 'in b' })] }, [at('a')], cursors({ a: 5 }))
    expect(moved).toEqual([{ table: 't', key: 'r', image: image('b', 'in b') }])
    const late = [
      entry('a', 6, { stamp: 8, changes: [put('a', 'edited')] }),
      entry('a', 7, { stamp: 10, changes: [gone()] }),
    ]
    expect(squash({ entries: late, snapshots: [] }, [at('b')], cursors({ a: 5, b: 20 }))).toEqual([])
  })

  test('[APP-1] rows of an audience without a cursor give way to any newer image', () => {
    const targets = squash({ entries: [], snapshots: [snapshotOf('b', 0, { r: 'v' })] }, [at('a')], cursors({}))
    expect(targets).toEqual([{ table: 't', key: 'r', image: image('b', 'v') }])
  })

  test('namedRows lists each row once', () => {
    const entries = [
      entry('a', 1, { stamp: 1, changes: [gone('x')] }),
      entry('b', 1, { stamp: 1, changes: [put('b', 'v', 'x')] }),
    ]
    expect(namedRows({ entries, snapshots: [snapshotOf('a', 1, { y: 'v' })] }).map((row) => row.key)).toEqual([
      'x',
      'y',
    ])
  })
})

/** One row's life over three audiences, told by their logs; each ingest has several steps. */
const life = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', null), { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 8,
})

function logsOf(ingests: (string | null)[][]) {
  const entries: LogEntry[] = []
  const heads: Record<string, number> = { a: 0, b: 0, c: 0 }
  let audience: string | null = null
  ingests.forEach((steps, ingest) => {
    steps.forEach((next, step) => {
      const value = `${ingest}.${step}`
      const told = (where: string, change: RowChange) =>
        entries.push(entry(where, ++heads[where]!, { stamp: (ingest + 1) * 10, changes: [change] }))
      if (audience !== null && audience !== next) told(audience, gone())
      if (next !== null) told(next, put(next, value))
      audience = next
    })
  })
  const last = ingests.at(-1)!
  return { entries, end: audience === null ? null : image(audience, `${ingests.length - 1}.${last.length - 1}`) }
}

describe('squash against a row told by several audiences', () => {
  test('[ORD-1] however far each audience is ahead when it arrives, the row ends as it is on the server', () => {
    fc.assert(
      fc.property(life, fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 }), (ingests, order) => {
        const { entries, end } = logsOf(ingests)
        let row: { audience: string | null; image: Image | null } = { audience: null, image: null }
        const stamps: Record<string, number> = { a: 0, b: 0, c: 0 }
        // Audiences arrive ingest by ingest in any interleaving, then whatever is left in one answer.
        const rounds = [...order, null].map((audience) => (left: LogEntry[]) => {
          if (audience === null) return left
          const next = left.find((one) => one.audience === audience)
          return next ? left.filter((one) => one.audience === audience && one.stamp === next.stamp) : []
        })
        let left = entries
        for (const round of rounds) {
          const arrived = round(left)
          left = left.filter((one) => !arrived.includes(one))
          const [target] = squash({ entries: arrived, snapshots: [] }, [at(row.audience)], cursors(stamps))
          if (target) row = { audience: target.image?.audience ?? null, image: target.image }
          for (const one of arrived) stamps[one.audience] = one.stamp
        }
        expect(row.image).toEqual(end)
      }),
      { numRuns: 2_000 },
    )
  })
})
