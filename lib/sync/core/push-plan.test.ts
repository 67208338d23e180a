import { describe, expect, test } from 'vitest'
import type { Pace } from './push-loop'
import { type Hold, type Offerable, type PushQuestion, planPush, pushBounds } from './push-plan'

const bounds = { ...pushBounds, actionsMax: 3, heldMax: 2, bytesMax: 100, holdMs: 1_000 }
const full: Pace = { kind: 'full' }

function action(ordinal: number, hold: Hold | null = null, bytes = 1): Offerable {
  return { id: `a${ordinal}`, ordinal, bytes, hold }
}

function plan(pending: Offerable[], fields: Partial<PushQuestion> = {}) {
  return planPush({ pending, pace: full, nowMs: 5_000, serverBuild: 'b1', isFollowing: true, bounds, ...fields })
}

const answered = (atMs: number, build = 'b1'): Hold => ({ kind: 'answered', reason: 'unknown-version', build, atMs })
const poison = (atMs: number): Hold => ({ kind: 'poison', reason: 'failing', build: 'b1', atMs })

describe('planPush', () => {
  test('[ING-6] offers in ordinal order, up to the limit of a batch', () => {
    expect(plan([action(4), action(1), action(3), action(2)]).ids).toEqual(['a1', 'a2', 'a3'])
  })

  test('[ING-6] a probe carries no actions, so that reading goes on', () => {
    const pace: Pace = { kind: 'probe', offered: 3, single: null }
    expect(plan([action(1), action(2, answered(0))], { pace }).ids).toEqual([])
  })

  test('[AUD-4] a device that does not know yet which history the server has only asks', () => {
    expect(plan([action(1), action(2, poison(0))], { isFollowing: false })).toEqual({ ids: [], isAlone: false })
  })

  test('[ING-6] while a bad action is searched, only the searched ones are offered', () => {
    const pace: Pace = { kind: 'narrow', max: 2, left: 1 }
    expect(plan([action(1), action(2), action(3, answered(0))], { pace }).ids).toEqual(['a1'])
  })

  test('[ING-0] a batch stays below the size of a request, yet carries one action', () => {
    expect(plan([action(1, null, 60), action(2, null, 60)]).ids).toEqual(['a1'])
    expect(plan([action(1, null, 500), action(2)]).ids).toEqual(['a1'])
  })

  test('[ACT-4] a held action is offered again when a day has passed, after all others', () => {
    expect(plan([action(1, answered(4_001)), action(2)]).ids).toEqual(['a2'])
    expect(plan([action(1, answered(4_000)), action(2)]).ids).toEqual(['a2', 'a1'])
  })

  test('[ACT-4] a held action is offered again when the build of the server changes', () => {
    expect(plan([action(1, answered(4_999))], { serverBuild: 'b2' }).ids).toEqual(['a1'])
  })

  test('[ACT-4] CX-35 held actions take no place in the batch, and those waiting longest come first', () => {
    const held = [action(1, answered(30)), action(2, answered(10)), action(3, answered(20))]
    expect(plan([...held, action(4), action(5), action(6)]).ids).toEqual(['a4', 'a5', 'a6', 'a2', 'a3'])
  })

  test('[ACT-4] a clock set back does not hold an action for ever', () => {
    expect(plan([action(1, answered(99_000))]).ids).toEqual(['a1'])
  })

  test('[ING-6] CX-47 a poison action is tried again alone, and only when nothing else waits', () => {
    expect(plan([action(1, poison(0)), action(2)])).toEqual({ ids: ['a2'], isAlone: false })
    expect(plan([action(1, poison(0)), action(2, answered(0))])).toEqual({ ids: ['a1'], isAlone: true })
    expect(plan([action(1, poison(4_500))])).toEqual({ ids: [], isAlone: false })
  })
})
