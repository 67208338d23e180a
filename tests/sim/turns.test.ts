import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Process, Turns } from './turns'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

describe('turns', () => {
  it('go on after one that takes its time', async () => {
    const turns = new Turns()
    const process = new Process('device')
    let finish = (_value: string): void => undefined
    const slow = turns.take(process, () => new Promise<string>((resolve) => (finish = resolve)))
    const settled = turns.settle()
    await vi.advanceTimersByTimeAsync(5_000)
    finish('done')
    expect(await slow).toBe('done')
    await settled
  })

  it('that wait within a turn for another one are an error, not a run without an end', async () => {
    const turns = new Turns()
    const process = new Process('device')
    void turns.take(process, () => turns.take(process, async () => 'never'))
    const settled = expect(turns.settle()).rejects.toThrow('A turn does not come to its end')
    await vi.advanceTimersByTimeAsync(60_000)
    await settled
  })
})
