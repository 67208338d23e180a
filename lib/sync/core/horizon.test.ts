import { describe, expect, it } from 'vitest'
import { decodeClock, encodeClock } from './hlc'
import { defaultRetention, floorOf, horizonAt, outboxRetentionMs, retentionProblem } from './horizon'

const hour = 3_600_000

describe('how far back history reaches', () => {
  it('[OUT-1, FM-55] outbox retention is not longer than the late window, nor that than kept history', () => {
    expect(retentionProblem(defaultRetention)).toBeNull()
    const short = { ...defaultRetention, lateWindowMs: outboxRetentionMs - 1 }
    expect(retentionProblem(short)).toContain('late window')
    expect(retentionProblem({ ...short, lateWindowMs: outboxRetentionMs })).toBeNull()
    const forgetful = { ...defaultRetention, keptHistoryMs: defaultRetention.lateWindowMs - 1 }
    expect(retentionProblem(forgetful)).toContain('History is kept')
    expect(retentionProblem({ ...defaultRetention, entriesMax: 0 })).not.toBeNull()
  })

  it('[HLC-4] what happened within the late window is above the seal, whoever did it, and what is older is not', () => {
    const nowMs = 1_000 * hour
    const { sealedUntil, keptFromClock, keptFromStamp } = horizonAt(nowMs, {
      ...{ lateWindowMs: 10 * hour, keptHistoryMs: 20 * hour, entriesMax: 1 },
    })
    const clientId = '00000000-0000-4000-8000-000000000001'
    expect(encodeClock({ ms: nowMs - 10 * hour, counter: 0, clientId }) > sealedUntil).toBe(true)
    expect(encodeClock({ ms: nowMs - 10 * hour - 1, counter: 0xffff, clientId }) < sealedUntil).toBe(true)
    expect(decodeClock(keptFromClock).ms * 1_000).toBe(keptFromStamp)
    expect(keptFromClock < sealedUntil).toBe(true)
  })

  it('[HLC-4] a server whose clock stands at its beginning seals nothing', () => {
    expect(decodeClock(horizonAt(5, defaultRetention).sealedUntil).ms).toBe(0)
  })
})

describe('where a log is cut', () => {
  /** Ingests: 3 4 | 5 6 7 | 8, above a floor of 2. */
  const oldest = [10, 10, 20, 20, 20, 30].map((stamp, index) => ({ seq: index + 3, token: `t${index + 3}`, stamp }))
  const cut = (but: Partial<Parameters<typeof floorOf>[0]>) =>
    floorOf({ oldest, head: 8, entriesMax: 100, keptFromStamp: 0, ...but })

  it('[HOR-1, FM-54] by age: after the last ingest that is too old, with the token of its last entry', () => {
    expect(cut({ keptFromStamp: 10 })).toBeNull()
    expect(cut({ keptFromStamp: 11 })).toEqual({ seq: 4, token: 't4' })
    expect(cut({ keptFromStamp: 30 })).toEqual({ seq: 7, token: 't7' })
    expect(cut({ keptFromStamp: 31 })).toEqual({ seq: 8, token: 't8' })
  })

  it('[HOR-1, FM-54] by number: never in the midst of an ingest, so more may stay', () => {
    expect(cut({ entriesMax: 6 })).toBeNull()
    expect(cut({ entriesMax: 4 })).toEqual({ seq: 4, token: 't4' })
    expect(cut({ entriesMax: 2 })).toEqual({ seq: 4, token: 't4' })
    expect(cut({ entriesMax: 1 })).toEqual({ seq: 7, token: 't7' })
  })

  it('[HOR-1, FM-54] not at the end of what was read when its ingest may go on', () => {
    expect(cut({ oldest: oldest.slice(0, 4), keptFromStamp: 100 })).toEqual({ seq: 4, token: 't4' })
    expect(cut({ oldest: [], keptFromStamp: 100 })).toBeNull()
  })
})
