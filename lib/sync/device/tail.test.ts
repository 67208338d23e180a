import { describe, expect, test } from 'vitest'
import { InvariantBroken } from '../core/invariant'
import type { LogEntry } from '../core/protocol'
import { createTail, type TailOptions } from './tail'
import type { TailListener } from './tail-source'
import type { DeviceTrace } from './trace'

const entry = { audience: 'a', seq: 1 } as LogEntry

function setUp(takeIn: TailOptions['takeIn'] = async () => true) {
  const listeners: TailListener[] = []
  const done: string[] = []
  const trace: DeviceTrace[] = []
  const timers: { ms: number; work: () => void }[] = []
  const tail = createTail({
    source: {
      open: (listener) => {
        listeners.push(listener)
        const name = `stream ${listeners.length}`
        done.push(`open ${name}`)
        return { refresh: () => done.push(`refresh ${name}`), close: () => void done.push(`close ${name}`) }
      },
    },
    takeIn,
    onBroken: (error) => done.push(`broken ${error.rule}`),
    onFailure: () => undefined,
    wantExchange: () => done.push('exchange'),
    random: () => 0,
    schedule: (ms, work) => {
      const timer = { ms, work }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
    trace: (event) => trace.push(event),
  })
  return { tail, listeners, done, trace, timers }
}

describe('the live tail of a device', () => {
  test('[SHP-4] what a stream that is over still tells changes nothing', async () => {
    const { tail, listeners, done } = setUp()
    tail.start()
    const [first] = listeners
    first!.onEnded(null)
    expect(done).toEqual(['open stream 1', 'close stream 1', 'open stream 2', 'exchange'])
    await first!.onUpToDate([])
    first!.onEnded(null)
    first!.onNoNetwork()
    first!.onUnauthorised()
    expect(tail.isLive()).toBe(false)
    expect(done).toHaveLength(4)
    await listeners[1]!.onUpToDate([])
    expect(tail.isLive()).toBe(true)
  })

  test('[REC-1] the next entries are told when the last ones are taken in', async () => {
    const order: string[] = []
    let finish = (): void => undefined
    const { tail, listeners } = setUp(async ([one]) => {
      order.push(`begin ${one?.seq}`)
      if (one?.seq === 1) {
        await new Promise<void>((resolve) => {
          finish = resolve
        })
      }
      order.push(`end ${one?.seq}`)
      return true
    })
    tail.start()
    const told = [listeners[0]!.onUpToDate([entry]), listeners[0]!.onUpToDate([{ ...entry, seq: 2 }])]
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(order).toEqual(['begin 1'])
    finish()
    await Promise.all(told)
    expect(order).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2'])
  })

  test('[REC-1] what cannot be read or applied is left to an exchange', async () => {
    const { tail, listeners, done, trace } = setUp(() => Promise.reject(new Error('The database is busy')))
    tail.start()
    await listeners[0]!.onUpToDate([])
    done.length = 0
    await listeners[0]!.onUpToDate(null)
    await listeners[0]!.onUpToDate([entry])
    expect(done).toEqual(['exchange', 'exchange'])
    expect(trace.filter(({ kind }) => kind === 'failed')).toHaveLength(1)
  })

  test('[REC-1] a broken promise of the engine stops sync', async () => {
    const { tail, listeners, done } = setUp(() => Promise.reject(new InvariantBroken('APP-1', 'Broken', null)))
    tail.start()
    await listeners[0]!.onUpToDate([entry])
    expect(done).toContain('broken APP-1')
  })

  test('[SHP-4] a timer belongs to the state that set it, and closing ends everything', async () => {
    const { tail, listeners, done, timers } = setUp()
    tail.start()
    await listeners[0]!.onUpToDate([])
    expect(timers.map(({ ms }) => ms)).toEqual([60_000])
    listeners[0]!.onNoNetwork()
    expect(timers).toEqual([])
    tail.hurry()
    expect(done.at(-1)).toBe('refresh stream 1')
    await tail.close()
    expect(done.at(-1)).toBe('close stream 1')
    await listeners[0]!.onUpToDate([])
    expect(tail.isLive()).toBe(false)
  })
})
