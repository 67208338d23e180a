import { describe, expect, it } from 'vitest'
import { contest, quantile, resultOf } from './measure'

describe('measuring', () => {
  it('takes turns, leaves warming up out, and resets before each block', async () => {
    const done: string[] = []
    const side = (name: string) => ({
      run: async () => done.push(name),
      reset: async () => done.push(`reset ${name}`),
    })
    const result = await contest({ ours: side('a'), bare: side('b'), rounds: 2, perBlock: 2, warmUpRounds: 1 })
    expect(result.rounds).toBe(2)
    const [a, b] = [
      ['reset a', 'a', 'a'],
      ['reset b', 'b', 'b'],
    ]
    expect(done).toEqual([...b!, ...a!, ...a!, ...b!, ...b!, ...a!])
  })

  it('gives the median of the ratios of neighbours, not the ratio of the medians', () => {
    const result = resultOf([2, 20, 6], [1, 10, 2])
    expect(result).toMatchObject({ oursMs: 6, bareMs: 2, ratio: 2, spread: [2, 2], rounds: 3 })
  })

  it('finds quantiles by nearest rank', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((part) => quantile([5, 1, 4, 2, 3], part))).toEqual([1, 2, 3, 4, 5])
  })
})
