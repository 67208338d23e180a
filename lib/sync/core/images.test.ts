import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changesByAudience, correctionOf, imagesEqual, type NetChange, netChanges, type Patch, rowId } from './images'
import type { Image } from './protocol'

type State = ReadonlyMap<string, Image>

/** A row may change its audience, its value, appear and vanish. */
const image: fc.Arbitrary<Image> = fc.record({
  audience: fc.constantFrom('a', 'b', 'c'),
  value: fc.constantFrom('1', '2', null),
})
const write = fc.record({ key: fc.constantFrom('k1', 'k2', 'k3', 'k4'), after: fc.option(image) })
const writes = fc.array(write, { maxLength: 10 })
const state: fc.Arbitrary<State> = fc
  .array(fc.tuple(fc.constantFrom('t k1', 't k2', 't k3', 't k4'), image))
  .map((rows) => new Map(rows))

/** What capture would have seen: no patch where nothing changes. */
function captured(before: State, changes: readonly { key: string; after: Image | null }[]): [Patch[], State] {
  const rows = new Map(before)
  const patches: Patch[] = []
  for (const { key, after } of changes) {
    const id = rowId({ table: 't', key })
    const old = rows.get(id) ?? null
    if (imagesEqual(old, after)) continue
    patches.push({ table: 't', key, before: old, after })
    if (after) rows.set(id, after)
    else rows.delete(id)
  }
  return [patches, rows]
}

function changed(before: State, changes: readonly NetChange[], side: 'before' | 'after'): State {
  const rows = new Map(before)
  for (const change of changes) {
    const wanted = change[side]
    if (wanted) rows.set(rowId(change), wanted)
    else rows.delete(rowId(change))
  }
  return rows
}

const entries = (rows: State) => [...rows].sort(([left], [right]) => (left < right ? -1 : 1))

const changesOf = (changes: readonly NetChange[]) =>
  [...changes].sort((left, right) => (rowId(left) < rowId(right) ? -1 : 1))

describe('net changes', () => {
  it('[ROL-1] lead from the state before to the state after, and back, once per row', () => {
    fc.assert(
      fc.property(state, writes, (before, changes) => {
        const [patches, after] = captured(before, changes)
        const net = netChanges(patches)
        expect(entries(changed(before, net, 'after'))).toEqual(entries(after))
        expect(entries(changed(after, net, 'before'))).toEqual(entries(before))
        expect(new Set(net.map(rowId)).size).toBe(net.length)
        for (const change of net) expect(imagesEqual(change.before, change.after)).toBe(false)
      }),
    )
  })

  it('[ROL-1] of net changes are those of all the patches: it does not matter where a history is cut', () => {
    fc.assert(
      fc.property(state, writes, writes, (before, one, other) => {
        const [first, between] = captured(before, one)
        const [second, after] = captured(between, other)
        const inTwo = netChanges([...netChanges(first), ...netChanges(second)])
        expect(changesOf(inTwo)).toEqual(changesOf(netChanges([...first, ...second])))
        expect(entries(changed(before, inTwo, 'after'))).toEqual(entries(after))
      }),
    )
  })

  it('[CAP-1] images are equal when every column has the same text', () => {
    expect(imagesEqual({ a: '1', b: null }, { b: null, a: '1' })).toBe(true)
    expect(imagesEqual({ a: '1' }, { a: '1.0' })).toBe(false)
    expect(imagesEqual({ a: null }, { a: 'null' })).toBe(false)
    expect(imagesEqual({ a: '1' }, { b: '1' })).toBe(false)
    expect(imagesEqual({ a: '1' }, { a: '1', b: null })).toBe(false)
    expect(imagesEqual({ a: null }, { b: null })).toBe(false)
    expect([imagesEqual(null, null), imagesEqual(null, {}), imagesEqual({}, null)]).toEqual([true, false, false])
  })
})

describe('a correction', () => {
  it('[ING-4] leads from the state in which the old patches stood to the one in which the new ones stand', () => {
    fc.assert(
      fc.property(state, writes, writes, (before, oldWrites, newWrites) => {
        const [oldPatches, stood] = captured(before, oldWrites)
        const [newPatches, stands] = captured(before, newWrites)
        const correction = correctionOf(oldPatches, newPatches)
        expect(entries(changed(stood, correction, 'after'))).toEqual(entries(stands))
        expect(entries(changed(stands, correction, 'before'))).toEqual(entries(stood))
        for (const change of correction) expect(imagesEqual(change.before, change.after)).toBe(false)
      }),
    )
  })

  it('[ING-4] composes: two corrections, one after the other, say what one from the first to the last would', () => {
    fc.assert(
      fc.property(state, fc.tuple(writes, writes, writes), (before, runs) => {
        const [first, second, third] = runs.map((each) => captured(before, each)[0]) as [Patch[], Patch[], Patch[]]
        const both = netChanges([...correctionOf(first, second), ...correctionOf(second, third)])
        expect(changesOf(both)).toEqual(changesOf(correctionOf(first, third)))
        expect(netChanges([...correctionOf(first, second), ...correctionOf(second, first)])).toEqual([])
      }),
    )
  })

  it('[ING-4] is empty when the replay did the same by another way', () => {
    const one: Patch = { table: 't', key: 'k', before: null, after: { v: '1' } }
    const two: Patch = { table: 't', key: 'k', before: { v: '1' }, after: { v: '2' } }
    expect(correctionOf([one, two], [{ ...one, after: { v: '2' } }])).toEqual([])
    expect(correctionOf([], [])).toEqual([])
  })
})

describe('changes by audience', () => {
  it('[AUD-1] what each holder is told leads to the rows of that audience, whoever else holds what', () => {
    const held = fc.subarray(['a', 'b', 'c'])
    fc.assert(
      fc.property(state, writes, held, (before, changes, audiences) => {
        const [patches, after] = captured(before, changes)
        const byAudience = changesByAudience(netChanges(patches))
        const visible = (rows: State) => new Map([...rows].filter(([, row]) => audiences.includes(row.audience ?? '')))
        const mine = new Map(visible(before))
        const told = audiences.flatMap((audience) => byAudience.get(audience) ?? [])
        // A row that moved between two held audiences is told twice; the image wins (APP-1).
        for (const change of told) if (!change.image) mine.delete(rowId(change))
        for (const change of told) if (change.image) mine.set(rowId(change), change.image)
        expect(entries(mine)).toEqual(entries(visible(after)))
        for (const audience of byAudience.keys()) expect(['a', 'b', 'c']).toContain(audience)
      }),
    )
  })

  it('[AUD-6] a row that left is told by its key alone', () => {
    const moved = {
      table: 't',
      key: 'k',
      before: { audience: 'a', secret: '1' },
      after: { audience: 'b', secret: '2' },
    }
    expect(changesByAudience([moved]).get('a')).toEqual([{ table: 't', key: 'k', image: null }])
    expect(changesByAudience([{ ...moved, after: null }])).toEqual(
      new Map([['a', [{ table: 't', key: 'k', image: null }]]]),
    )
  })
})
