import { expect, test } from 'vitest'
import { planTail } from './plan-tail'
import type { LogEntry } from './protocol'

const cursor = (audience: string, seq: number) => ({ audience, seq, token: `${audience}${seq}`, stamp: seq * 10 })
const held = {
  cursors: new Map([
    ['a', cursor('a', 5)],
    ['b', cursor('b', 2)],
  ]),
  audiences: new Set(['a', 'b', 'loading']),
}

function entry(audience: string, seq: number, previousToken = `${audience}${seq - 1}`): LogEntry {
  return {
    ...{ ...cursor(audience, seq), previousToken, place: 0, ingest: `i${seq}`, kind: 'correction', action: null },
    ...{ causes: [], changes: [], receipts: [] },
  }
}

test('[REC-1] the tail is taken in when it follows the cursors, in any order and told twice', () => {
  expect(planTail([entry('a', 7), entry('a', 6), entry('b', 3), entry('a', 6)], held)).toBe('apply')
})

test('[REC-1] what an exchange brought before is nothing new', () => {
  expect(planTail([entry('a', 4), entry('a', 5)], held)).toBe('nothing')
})

test('[REC-1] a gap in one audience holds back all of it: half of an ingest is no state of the server', () => {
  expect(planTail([entry('a', 6), entry('b', 4)], held)).toBe('exchange')
})

test('[REC-1] another token is another history', () => {
  expect(planTail([entry('a', 6, 'other')], held)).toBe('exchange')
  expect(planTail([entry('a', 6, '')], held)).toBe('exchange')
})

test('[AUD-5] only an exchange brings an audience, and one without cursor waits for its snapshot', () => {
  expect(planTail([entry('a', 6), entry('new', 1)], held)).toBe('exchange')
  expect(planTail([entry('loading', 1, '')], held)).toBe('nothing')
  expect(planTail([entry('a', 6)], { ...held, audiences: null })).toBe('exchange')
})
