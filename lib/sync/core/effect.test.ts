import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { effectOf, rowEffects } from './effect'
import { encodeClock } from './hlc'
import type { Patch } from './images'

const clientId = '00000000-0000-4000-8000-00000000000a'
const clockAt = (ms: number, counter = 0) => encodeClock({ ms, counter, clientId })
const clock = clockAt(Date.UTC(2026, 2, 1, 12, 0, 0, 120))
const isExactNumber = (_: string, column: string) => column === 'total'

const patch = (before: Patch['before'], after: Patch['after'], key = 'k'): Patch => ({ table: 't', key, before, after })
const row = (columns: Record<string, string | null>) => ({ id: 'k', name: 'x', ...columns })
const effect = (...patches: Patch[]) => effectOf(patches, isExactNumber, clock)
const counting = (from: string, to: string) => effect(patch(row({ total: from }), row({ total: to })))

describe('the effect of an action', () => {
  it('[REC-3] a counter that stood elsewhere before is no difference: it counts by how far it moved', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), fc.bigInt({ min: 1n }), (one, other, step) => {
        expect(counting(`${one}`, `${one + step}`)).toBe(counting(`${other}`, `${other + step}`))
        expect(counting(`${one}`, `${one + step}`)).not.toBe(counting(`${one}`, `${one + step + 1n}`))
        expect(counting(`${one}`, `${one + step}`)).not.toBe(counting(`${one + step}`, `${one}`))
      }),
    )
  })

  it('[REC-3] exact decimals count the same, whatever their scale', () => {
    expect(counting('1.00', '1.50')).toBe(counting('1', '1.5'))
    expect(counting('-0.25', '0.25')).toBe(counting('7', '7.5'))
    expect(counting('0.1', '0.3')).toBe(counting('12345678901234567890.1', '12345678901234567890.3'))
    expect(counting('99.95', '100.00')).toBe(counting('0', '0.05'))
    expect(counting('1', '1.5')).not.toBe(counting('1', '6'))
    expect(counting('10', '20')).toBe(counting('0', '10'))
    expect(counting('0', '10')).not.toBe(counting('0', '1'))
  })

  it('[REC-3] what is no plain number counts by its text', () => {
    expect(counting('NaN', '5')).not.toBe(counting('4', '5'))
    expect(counting('1', 'Infinity')).toBe(counting('2', 'Infinity'))
    const setting = (from: string | null) => effect(patch(row({ total: from }), row({ total: '5' })))
    expect(setting(null)).not.toBe(setting('4'))
    const text = (from: string, to: string) => effect(patch(row({ note: from }), row({ note: to })))
    expect(text('1', '2')).toBe(text('8', '2'))
    expect(text('1', '2')).not.toBe(text('2', '3'))
  })

  it('[REC-3] an insert counts by its values, so another number of an issue is a difference', () => {
    const inserting = (total: string) => effect(patch(null, row({ total })))
    expect(inserting('7')).toBe(inserting('7'))
    expect(inserting('7')).not.toBe(inserting('8'))
  })

  it('[REC-3] the time of the action counts as "now": a restamp is no difference by itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), fc.boolean(), (ms, hasZone) => {
        // As Postgres writes it: the fraction without trailing zeros.
        const iso = new Date(ms).toISOString()
        const fraction = iso.slice(19, 23).replace('.000', '').replace(/0+$/, '')
        const text = `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction}${hasZone ? '+00' : ''}`
        const at = (clockMs: number, value: string) =>
          effectOf([patch(row({ at: null }), row({ at: value }))], isExactNumber, clockAt(clockMs, 3))
        expect(at(ms, text)).toBe(at(Date.UTC(2026, 2, 1, 12), '2026-03-01 12:00:00+00'))
        expect(at(ms + 1, text)).not.toBe(at(ms, text))
      }),
    )
  })

  it('[REC-3] nothing done has no effect, and neither has what was taken back', () => {
    expect(effect()).toBeNull()
    expect(
      effect(patch(row({ total: '1' }), row({ total: '2' })), patch(row({ total: '2' }), row({ total: '1' }))),
    ).toBeNull()
    expect(effect(patch(null, row({})), patch(row({}), null))).toBeNull()
  })

  it('[REC-3] a delete counts by its key: the row may have looked different there', () => {
    expect(effect(patch(row({ total: '1' }), null))).toBe(effect(patch(row({ total: '2', name: 'y' }), null)))
    expect(effect(patch(row({}), null))).not.toBe(effect(patch(row({}), null, 'other')))
    expect(effect(patch(row({}), null))).not.toBe(effect(patch(null, row({}))))
  })

  it('[REC-3] columns the action left alone do not count, nor does the order of its writes', () => {
    const renamed = (other: string) => effect(patch(row({ name: 'x', note: other }), row({ name: 'y', note: other })))
    expect(renamed('a')).toBe(renamed('b'))
    const [one, two] = [patch(null, row({}), 'a'), patch(null, row({}), 'b')]
    expect(effect(one, two)).toBe(effect(two, one))
    expect(rowEffects([two, one], isExactNumber, clock).map(({ key }) => key)).toEqual(['a', 'b'])
    expect(effect(one, two)).toMatch(/^[0-9a-f]{32}$/)
  })
})
