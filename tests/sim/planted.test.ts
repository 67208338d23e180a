import { describe, expect, it } from 'vitest'
import { planting } from './bundle'
import { mutants } from './planted'

describe('planted bugs', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('can be planted: %s', (_, { changes, survives }) => {
    expect(planting(changes).name).toBe('planted bugs')
    expect(changes.length > 0 || survives !== undefined).toBe(true)
  })

  it('have names of their own, and there are enough of them', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
    expect(mutants.filter(({ survives }) => survives === undefined).length).toBeGreaterThanOrEqual(30)
  })
})
