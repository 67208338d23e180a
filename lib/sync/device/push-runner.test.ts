import { describe, expect, test } from 'vitest'
import { VirtualClock } from '@/tests/support/clock'
import { InvariantBroken } from '../core/invariant'
import type { PushEvent } from '../core/push-loop'
import { createPushRunner } from './push-runner'

const answered: PushEvent = { kind: 'answered', offered: 0, again: false }
const failed: PushEvent = {
  ...{ kind: 'failed', why: 'offline', offered: 1, isAlone: false, retryAfterMs: null },
  single: { id: 'x', failures: 2 },
}

/** A runner whose exchanges end when and how the test says. */
function create() {
  const clock = new VirtualClock(0)
  const open: ((event: PushEvent | Error) => void)[] = []
  const notes: [string, boolean][] = []
  const failures: unknown[] = []
  const runner = createPushRunner({
    exchange: () =>
      new Promise((resolve, reject) => {
        open.push((event) => (event instanceof Error ? reject(event) : resolve(event)))
      }),
    noteFailure: async (id, isHeld) => void notes.push([id, isHeld]),
    random: () => 0,
    schedule: clock.schedule,
    onState: () => undefined,
    onFailure: (error) => {
      failures.push(error)
      return null
    },
  })
  const turn = async () => {
    for (let round = 0; round < 10; round += 1) await Promise.resolve()
  }
  const end = async (event: PushEvent | Error) => {
    open.shift()?.(event)
    await turn()
  }
  return { runner, clock, open, notes, failures, end, turn }
}

describe('the push runner', () => {
  test('[REC-1] one exchange is in flight; what is wanted meanwhile is one more', async () => {
    const { runner, open, end, turn } = create()
    for (let times = 0; times < 5; times += 1) runner.want(false)
    await turn()
    expect(open).toHaveLength(1)
    await end(answered)
    expect(open).toHaveLength(1)
    await end(answered)
    expect(open).toHaveLength(0)
    expect(runner.state().kind).toBe('idle')
  })

  test('[NET-1] a wait ends by its timer, and an urgent want calls the timer off', async () => {
    const { runner, clock, open, end, turn } = create()
    runner.want(false)
    await turn()
    await end({ ...failed, single: null })
    expect(open).toHaveLength(0)
    clock.advance(500)
    await turn()
    expect(open).toHaveLength(1)
    await end({ ...failed, single: null })
    runner.want(true)
    await turn()
    expect(open).toHaveLength(1)
    clock.advance(60_000)
    await turn()
    expect(open).toHaveLength(1)
  })

  test('[ING-6] a counted failure is noted before the next exchange begins', async () => {
    const { runner, clock, notes, end, turn } = create()
    runner.want(false)
    await turn()
    await end(failed)
    clock.advance(500)
    await turn()
    expect(notes).toEqual([])
    await end(answered)
    expect(notes).toEqual([['x', true]])
  })

  test('an exchange that throws is tried again, a broken promise of the engine stops sync', async () => {
    const { runner, failures, end, turn } = create()
    runner.want(false)
    await turn()
    await end(new Error('disk'))
    expect(runner.state()).toMatchObject({ kind: 'waiting', why: 'invalid' })
    runner.want(true)
    await turn()
    await end(new InvariantBroken('HLC-1', 'Not a clock', 'x'))
    expect(runner.state().kind).toBe('stopped')
    expect(failures).toHaveLength(2)
  })

  test('closing waits for the exchange in flight and begins nothing more', async () => {
    const { runner, open, end, turn } = create()
    runner.want(false)
    await turn()
    let isClosed = false
    const closing = runner.close().then(() => {
      isClosed = true
    })
    await turn()
    expect(isClosed).toBe(false)
    runner.want(true)
    await end({ kind: 'answered', offered: 0, again: true })
    await closing
    expect(open).toHaveLength(0)
  })
})
