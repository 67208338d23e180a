import { describe, expect, test } from 'vitest'
import type { Image } from '../core/protocol'
import { differences, shownNow, shownRows, withRows } from './shown'

const row = { table: 't', key: '["1"]' }
const now = (image: Image | null) => new Map(image === null ? [] : [['t ["1"]', image]])

describe('what the author of an action sees', () => {
  test('[REC-3] a new row is shown whole, a changed one by what changed, a removed one as gone', () => {
    expect(shownRows([{ ...row, before: null, after: { id: '1', n: '2' } }])).toEqual([
      { ...row, columns: { id: '1', n: '2' } },
    ])
    const before = { id: '1', n: '2', title: 'a' }
    expect(shownRows([{ ...row, before, after: { ...before, n: '3' } }])).toEqual([{ ...row, columns: { n: '3' } }])
    expect(shownRows([{ ...row, before, after: null }])).toEqual([{ ...row, columns: null }])
  })

  test('[REC-3] the difference names each column with what was shown and what is true', () => {
    const shown = [{ ...row, columns: { n: '2', rank: 'a1' } }]
    expect(differences(shown, now({ id: '1', n: '3', rank: 'a1' }))).toEqual([
      { ...row, column: 'n', previewed: '2', now: '3' },
    ])
  })

  test('[REC-3] a row that is not there has no value in any column', () => {
    expect(differences([{ ...row, columns: { n: '2' } }], now(null))).toEqual([
      { ...row, column: 'n', previewed: '2', now: null },
    ])
    expect(differences([{ ...row, columns: null }], now({ n: '2', gone: null }))).toEqual([
      { ...row, column: 'n', previewed: null, now: '2' },
    ])
    expect(differences([{ ...row, columns: null }], now(null))).toEqual([])
  })

  test('[REC-3] after it was told, what is true is what the author has seen', () => {
    const shown = [{ ...row, columns: { n: '2' } }]
    expect(shownNow(shown, now({ n: '3', other: 'x' }))).toEqual([{ ...row, columns: { n: '3' } }])
    expect(shownNow(shown, now(null))).toEqual([{ ...row, columns: null }])
  })

  test('[REC-3] rows the run did not touch are added once', () => {
    const shown = [{ ...row, columns: { n: '2' } }]
    const other = { table: 't', key: '["2"]', columns: { n: '9' } }
    expect(withRows(shown, [{ ...row, columns: { n: '7' } }, other])).toEqual([...shown, other])
  })
})
