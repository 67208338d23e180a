import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstTailState, nextTailState, type TailEvent, type TailState, type TailTask } from './tail-loop'

const start: TailEvent = { kind: 'start' }
const upToDate: TailEvent = { kind: 'up-to-date', isGap: false }
const gap: TailEvent = { kind: 'up-to-date', isGap: true }
const ended: TailEvent = { kind: 'ended' }
const timer: TailEvent = { kind: 'timer' }

function run(events: readonly TailEvent[], from: TailState = firstTailState) {
  let state = from
  const tasks: TailTask[] = []
  for (const event of events) {
    const step = nextTailState(state, event, 0.5)
    state = step.state
    tasks.push(...step.tasks)
  }
  return {
    state,
    kinds: tasks.map((task) => task.kind),
    waits: tasks.flatMap((task) => ('ms' in task ? [task.ms] : [])),
  }
}

describe('the loop of the live tail', () => {
  test('[SHP-4] a new stream starts at now, so an exchange asks for what was before', () => {
    expect(run([start, upToDate])).toMatchObject({ state: { kind: 'live' }, kinds: ['open', 'exchange', 'wait'] })
    expect(run([start, upToDate, upToDate, upToDate]).kinds).toEqual(['open', 'exchange', 'wait'])
  })

  test('[REC-1] what does not follow is left to an exchange', () => {
    expect(run([start, upToDate, gap]).kinds).toEqual(['open', 'exchange', 'wait', 'exchange'])
  })

  test('[FM-33] the first end is followed by a stream at once, those after it ever later', () => {
    const endless = Array.from({ length: 40 }, () => [ended, timer, upToDate]).flat()
    const { waits, kinds } = run([start, upToDate, ...endless])
    const delays = waits.filter((ms) => ms !== 60_000)
    expect(delays.slice(0, 4)).toEqual([750, 1_500, 3_000, 6_000])
    expect(Math.max(...delays)).toBe(90_000)
    expect(kinds.filter((kind) => kind === 'open').length).toBe(delays.length + 2)
  })

  test('[FM-33] a stream that lived for a while ends for the first time again', () => {
    const { waits } = run([start, upToDate, ended, upToDate, ended, timer, upToDate, timer, ended])
    expect(waits.filter((ms) => ms < 60_000)).toEqual([750])
  })

  test('[SHP-4] without a session it waits for one', () => {
    const out = run([start, upToDate, { kind: 'unauthorised' }, timer, ended, upToDate])
    expect(out.state).toEqual({ kind: 'signed-out', attempt: 0 })
    expect(run([{ kind: 'signed-in' }], out.state).kinds).toEqual(['open'])
  })

  test('[SHP-4] the network is back: ask again at once', () => {
    expect(run([start, upToDate, { kind: 'no-network' }, { kind: 'hurry' }])).toMatchObject({
      state: { kind: 'cut' },
      kinds: ['open', 'exchange', 'wait', 'refresh'],
    })
    expect(run([start, { kind: 'hurry' }]).kinds).toEqual(['open', 'open'])
  })

  test('[FM-35] a stream that was cut goes on where it was, without an exchange', () => {
    const cut: TailEvent = { kind: 'no-network' }
    expect(
      run([start, upToDate, cut, upToDate, cut, upToDate]).kinds.filter((kind) => kind === 'exchange'),
    ).toHaveLength(1)
  })

  test('[SHP-4] stopped is stopped, whatever is still told', () => {
    const event = fc.constantFrom<TailEvent>(upToDate, gap, ended, timer, { kind: 'no-network' }, { kind: 'hurry' })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), fc.array(event, { maxLength: 8 }), (before, after) => {
        const stopped = run([start, ...before, { kind: 'stop' }])
        expect(run(after, stopped.state)).toEqual({ state: { kind: 'off' }, kinds: [], waits: [] })
      }),
    )
  })
})
