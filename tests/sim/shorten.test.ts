import { describe, expect, it } from 'vitest'
import { shortened } from './shorten'

describe('making a red seed shorter', () => {
  it('leaves only the steps it needs', async () => {
    const needed = [7, 23, 24, 40]
    const without = await shortened(40, async (leftOut) => needed.every((step) => !leftOut.includes(step)))
    expect(Array.from({ length: 40 }, (_, index) => index + 1).filter((step) => !without.includes(step))).toEqual(
      needed,
    )
  })

  it('leaves everything out when the beginning alone is red, and nothing when all is needed', async () => {
    expect(await shortened(5, async () => true)).toEqual([1, 2, 3, 4, 5])
    expect(await shortened(5, async (leftOut) => leftOut.length === 0)).toEqual([])
  })
})
