import { describe, expect, it } from 'vitest'
import { hourOf, restampReason } from './late-budget'

const budget = { perIngestMax: 10, perUserAndHourMax: 15, msMax: 1, nearMax: 1 }
const ask = (but: Partial<Parameters<typeof restampReason>[0]>) =>
  restampReason({
    newcomers: [{ clock: '5' }, { clock: '7' }],
    replays: 10,
    sealedUntil: '4',
    spent: 5,
    budget,
    ...but,
  })

describe('the place of late arrivals', () => {
  it('[HLC-4] is theirs above every seal and within the budget', () => {
    expect(ask({})).toBeNull()
    expect(ask({ sealedUntil: '' })).toBeNull()
  })

  it('[HLC-4, CX-5b] is not theirs when the earliest of them stands at a seal or below it', () => {
    expect(ask({ sealedUntil: '5' })).toBe('sealed')
    expect(ask({ sealedUntil: '6', replays: 0, spent: 0 })).toBe('sealed')
  })

  it('[HLC-4, CX-10b, AB-39] costs at most so many replays at once, and so many in an hour', () => {
    expect(ask({ replays: 11, spent: 0 })).toBe('budget')
    expect(ask({ spent: 6 })).toBe('budget')
    expect(ask({ replays: 0, spent: 15 })).toBeNull()
  })

  it('[HLC-4] hours are those of the server, whole', () => {
    expect(hourOf(3_599_999)).toBe(0)
    expect(hourOf(3_600_000)).toBe(1)
  })
})
