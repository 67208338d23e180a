import { describe, expect, it } from 'vitest'
import { type DigestQuestion, digestRoundMs, planDigests } from './plan-digests'

const noon = 1_900_000_000_000
const five = ['a', 'b', 'c', 'd', 'e']

function plan(question: Partial<DigestQuestion>) {
  return planDigests({ audiences: five, left: null, checkedAtMs: noon, nowMs: noon, ...question })
}

describe('when digests are compared', () => {
  it('[CON-1] a new device begins to count when it has something, and compares nothing yet', () => {
    expect(plan({ audiences: [], checkedAtMs: null })).toEqual({ ask: [], left: null, isDone: false })
    expect(plan({ checkedAtMs: null })).toEqual({ ask: [], left: null, isDone: true })
  })

  it('[CON-1] once a day, whatever the clock did, a few at a time', () => {
    expect(plan({ nowMs: noon + digestRoundMs - 1 })).toEqual({ ask: [], left: null, isDone: false })
    const due = { ask: ['a', 'b', 'c', 'd'], left: five, isDone: false }
    expect(plan({ nowMs: noon + digestRoundMs })).toEqual(due)
    expect(plan({ nowMs: noon - digestRoundMs })).toEqual(due)
  })

  it('[CON-1] a round goes on with what is left, forgets what is lost, and ends', () => {
    expect(plan({ left: ['e', 'gone'] })).toEqual({ ask: ['e'], left: ['e'], isDone: false })
    expect(plan({ left: ['gone'] })).toEqual({ ask: [], left: null, isDone: true })
    expect(plan({ left: [] })).toEqual({ ask: [], left: null, isDone: true })
  })
})
