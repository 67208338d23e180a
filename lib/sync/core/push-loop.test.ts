import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstPushState, nextPushState, type PushEvent, type PushState, type PushTask } from './push-loop'
import { type Offerable, planPush, pushBounds } from './push-plan'

const wanted: PushEvent = { kind: 'wanted', isUrgent: false }
const urgent: PushEvent = { kind: 'wanted', isUrgent: true }
const timer: PushEvent = { kind: 'timer' }
const answered = (offered = 0, again = false): PushEvent => ({ kind: 'answered', offered, again })
const told: PushEvent = { kind: 'told', waitMs: 0 }

function failed(fields: Partial<Extract<PushEvent, { kind: 'failed' }>> = {}): PushEvent {
  return { kind: 'failed', why: 'offline', offered: 0, single: null, isAlone: false, retryAfterMs: null, ...fields }
}

/** Runs events from the first state; answers the last state and all tasks. */
function run(events: PushEvent[], from: PushState = firstPushState) {
  let state = from
  const tasks: PushTask[] = []
  for (const event of events) {
    const step = nextPushState(state, event, 0)
    state = step.state
    tasks.push(...step.tasks)
  }
  return { state, tasks, waits: tasks.flatMap((task) => (task.kind === 'wait' ? [task.ms] : [])) }
}

describe('the push loop', () => {
  test('[REC-1] one exchange is in flight and at most one is queued', () => {
    const { state, tasks } = run([wanted, wanted, urgent, wanted])
    expect(tasks).toEqual([{ kind: 'exchange' }])
    expect(run([answered(), answered()], state)).toMatchObject({
      state: { kind: 'idle' },
      tasks: [{ kind: 'exchange' }],
    })
  })

  test('[REC-1] more to read or to send goes on at once', () => {
    expect(run([wanted, answered(0, true), answered(0, true), answered()]).tasks).toHaveLength(3)
  })

  test('[NET-1] failures back off, doubling up to a minute, and an answer ends that', () => {
    const rounds = Array.from({ length: 9 }, () => [failed(), timer]).flat()
    const { waits, state } = run([wanted, ...rounds])
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    expect(run([answered(), wanted, failed()], state).waits).toEqual([500])
  })

  test('[NET-1] the jitter spreads half of the delay', () => {
    const { state } = run([wanted])
    expect(nextPushState(state, failed(), 0.999).tasks).toEqual([{ kind: 'wait', ms: 1_000 }])
  })

  test('[NET-1] a rate limit is obeyed and says nothing about the actions', () => {
    const { waits, state } = run([wanted, failed({ why: 'busy', offered: 9, retryAfterMs: 7_000 })])
    expect(waits).toEqual([7_000])
    expect(state).toMatchObject({ kind: 'waiting', pace: { kind: 'full' } })
  })

  test('[NET-1] while waiting only a person or the network ends the wait', () => {
    const { state } = run([wanted, failed()])
    expect(run([wanted, wanted], state).tasks).toEqual([])
    expect(run([urgent], state).tasks).toEqual([{ kind: 'exchange' }])
  })

  test('[NET-1] signed out: sync pauses until sign-in', () => {
    const { state } = run([wanted, { kind: 'unauthorised' }])
    expect(run([wanted, timer, failed()], state)).toMatchObject({ state: { kind: 'signed-out' }, tasks: [] })
    expect(run([{ kind: 'signed-in' }], state).tasks).toEqual([{ kind: 'exchange' }])
  })

  test('[OUT-1] orders of the server are obeyed at once three times in a row, then slower (CX-41)', () => {
    const { tasks, waits } = run([wanted, told, told, told, told])
    expect(tasks.filter((task) => task.kind === 'exchange')).toHaveLength(4)
    expect(waits).toEqual([500])
  })

  test('[HLC-3] a starting point that is itself ahead is waited for', () => {
    expect(run([wanted, { kind: 'told', waitMs: 4_200 }]).waits).toEqual([4_200])
  })

  test('[ING-6] after a failed push comes an empty exchange; only when that is answered the failure counts', () => {
    const { state } = run([wanted, failed({ offered: 100 }), timer, failed(), timer, failed(), timer])
    expect(state).toMatchObject({ kind: 'exchanging', pace: { kind: 'probe', offered: 100 } })
    const next = run([answered()], state)
    expect(next.state).toMatchObject({ kind: 'exchanging', pace: { kind: 'narrow', max: 50, left: 100 } })
  })

  test('[ING-6] three counted failures of one action alone hold it', () => {
    const single = (failures: number) => ({ id: 'x', failures })
    const round = (failures: number) => [failed({ offered: 1, single: single(failures) }), timer, answered()]
    expect(run([wanted, ...round(0)]).tasks).toContainEqual({ kind: 'blame', id: 'x' })
    const { state, tasks } = run([wanted, ...round(0), ...round(1), ...round(2)])
    expect(tasks.filter((task) => task.kind === 'hold')).toEqual([{ kind: 'hold', id: 'x' }])
    expect(state).toMatchObject({ kind: 'exchanging', pace: { kind: 'full' } })
  })

  test('[ING-6] CX-47 the failure of a poison action tried alone slows nothing else down', () => {
    const { state } = run([wanted, failed({ offered: 1, isAlone: true })])
    expect(state).toMatchObject({ kind: 'waiting', pace: { kind: 'full' } })
  })

  test('[ING-6] a search ends when nothing of the failed push is left to offer: its answer was lost, not its actions', () => {
    const searching = run([wanted, failed({ offered: 4 }), timer, answered()])
    expect(searching.state).toMatchObject({ pace: { kind: 'narrow', left: 4 } })
    expect(run([answered(0)], searching.state).state).toMatchObject({ pace: { kind: 'full' } })
  })

  test('too large is halved without a probe', () => {
    const { state, waits } = run([wanted, failed({ why: 'too-large', offered: 8 })])
    expect(state).toMatchObject({ kind: 'exchanging', pace: { kind: 'narrow', max: 4, left: 8 } })
    expect(waits).toEqual([])
  })

  test('a bug stops the loop for good', () => {
    expect(run([wanted, { kind: 'broken' }, urgent, { kind: 'signed-in' }, timer]).state).toEqual({ kind: 'stopped' })
  })
})

/** A server that dies of some actions, behind a network that loses some exchanges. */
function drive(count: number, poison: ReadonlySet<string>, isLost: (exchange: number) => boolean) {
  let pending: (Offerable & { failures: number })[] = Array.from({ length: count }, (_, place) => ({
    id: `a${place}`,
    ordinal: place + 1,
    bytes: 1,
    hold: null,
    failures: 0,
  }))
  const held: string[] = []
  let state = firstPushState
  let exchanges = 0
  const queue: PushEvent[] = [wanted]
  for (let event = queue.shift(); event && exchanges < 2_000; event = queue.shift()) {
    const step = nextPushState(state, event, 0.5)
    state = step.state
    for (const task of step.tasks) {
      if (task.kind === 'wait') queue.push(timer)
      if (task.kind === 'blame' || task.kind === 'hold') {
        pending = pending.map((one) => (one.id === task.id ? { ...one, failures: one.failures + 1 } : one))
      }
      if (task.kind === 'hold') {
        held.push(task.id)
        const hold = { kind: 'poison', reason: 'failing', build: null, atMs: 0 } as const
        pending = pending.map((one) => (one.id === task.id ? { ...one, hold } : one))
      }
      if (task.kind === 'exchange') queue.push(answer())
    }
  }
  return { held, exchanges, state, left: pending.filter((one) => one.hold === null).map((one) => one.id) }

  function answer(): PushEvent {
    exchanges += 1
    const pace = 'pace' in state ? state.pace : ({ kind: 'full' } as const)
    const { ids, isAlone } = planPush({
      pending,
      pace,
      nowMs: 0,
      serverBuild: null,
      isFollowing: true,
      bounds: pushBounds,
    })
    const [only] = ids.length === 1 ? pending.filter((one) => one.id === ids[0]) : []
    const single = only ? { id: only.id, failures: only.failures } : null
    if (isLost(exchanges) || ids.some((id) => poison.has(id))) return failed({ offered: ids.length, single, isAlone })
    pending = pending.filter((one) => !ids.includes(one.id))
    return answered(
      ids.length,
      pending.some((one) => one.hold === null),
    )
  }
}

describe('the push loop with poison actions', () => {
  const positions = fc.uniqueArray(fc.nat(149), { maxLength: 4 })

  test('[ING-6] exactly the poison actions are held, and all others get through', () => {
    fc.assert(
      fc.property(positions, (places) => {
        const poison = new Set(places.map((place) => `a${place}`))
        const end = drive(150, poison, () => false)
        expect(end.left).toEqual([])
        expect(new Set(end.held)).toEqual(poison)
        expect(end.exchanges).toBeLessThan(8 + 45 * poison.size)
      }),
    )
  })

  test('[ING-6] an outage, however long and whenever it begins, never holds an action', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(40), (from, length) => {
        const end = drive(250, new Set(), (exchange) => exchange >= from && exchange < from + length)
        expect(end).toMatchObject({ left: [], held: [], state: { kind: 'idle' } })
      }),
    )
  })
})
