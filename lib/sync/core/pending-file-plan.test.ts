import { describe, expect, test } from 'vitest'
import { encodeClock } from './hlc'
import { planOvertaken } from './pending-file-plan'

const here = '00000000-0000-4000-8000-000000000001'
const elsewhere = '00000000-0000-4000-8000-000000000002'
const clock = (ms: number, clientId = here, counter = 0) => encodeClock({ ms, counter, clientId })
const pending = [1, 2, 3, 4].map((ordinal) => ({ id: `action ${ordinal}`, ordinal, clock: clock(ordinal) }))
const receipt = (clientId: string, ms: number) => ({ clientId, clock: clock(ms, clientId) })

describe('what was done here after an action that another device brought', () => {
  test('[OUT-2, HLC-4] comes after it, in its order, and what is later anyhow keeps its clock', () => {
    const receipts = new Map([['action 2', receipt(elsewhere, 3)]])
    expect(planOvertaken({ pending, receipts, clientId: here })).toEqual(new Map([['action 3', clock(3, here, 1)]]))
  })

  test('[OUT-2] is left alone where nothing came by another device, or in time, or without a clock', () => {
    for (const one of [receipt(here, 9), receipt(elsewhere, 1), { clientId: elsewhere, clock: null }]) {
      expect(planOvertaken({ pending, receipts: new Map([['action 1', one]]), clientId: here }).size).toBe(0)
    }
  })

  test('[OUT-2] is not restamped when it has an answer itself, and what was done before it never is', () => {
    const receipts = new Map([
      ['action 2', receipt(elsewhere, 9)],
      ['action 3', receipt(elsewhere, 8)],
    ])
    expect([...planOvertaken({ pending, receipts, clientId: here }).keys()]).toEqual(['action 4'])
  })
})
