import { describe, expect, it } from 'vitest'
import { InvariantBroken, invariant, unreachable } from './invariant'

describe('invariants', () => {
  it('name the rule that was broken and keep the detail', () => {
    expect(() => invariant(1, 'ROL-1', 'fine')).not.toThrow()
    let thrown: unknown
    try {
      invariant(0, 'ROL-1', ['A row is missing', { key: 'k' }])
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(InvariantBroken)
    expect(thrown).toMatchObject({ rule: 'ROL-1', message: '[ROL-1] A row is missing', detail: { key: 'k' } })
  })

  it('a case that was forgotten is a bug', () => {
    expect(() => unreachable('new kind' as never)).toThrow('A case is missing')
  })
})
