import { describe, expect, it } from 'vitest'
import { changedSince, type DeployState, standingOf, withdrawnUntil } from './deploy'

const state = (but: Partial<DeployState> = {}): DeployState => ({
  build: '200',
  withdrawnUntil: null,
  shipped: { 'action a@1': 'x', 'action b@1': 'y' },
  schema: 's',
  ...but,
})
const running = (build: string, but: { schema?: string | null; shipped?: Record<string, string> } = {}) => ({
  build,
  schema: 's',
  shipped: { 'action a@1': 'x', 'action b@1': 'y' },
  ...but,
})
const kindOf = (...question: Parameters<typeof standingOf>) => standingOf(...question).kind

describe('which servers may work', () => {
  it('[DEP-1] the build that was let in last, and no older one, compared as numbers', () => {
    expect(kindOf(state(), running('200'))).toBe('current')
    expect(kindOf(state(), running('199'))).toBe('outdated')
    expect(kindOf(state({ build: '1000' }), running('999'))).toBe('outdated')
    expect(kindOf(state({ build: null, shipped: null }), running('5'))).toBe('newer')
  })

  it('[DEP-1] a newer build makes its first contact, and says what of the shipped code it changed', () => {
    expect(standingOf(state(), running('201'))).toEqual({ kind: 'newer', changed: [] })
    const shipped = { 'action a@1': 'z', 'action b@1': 'y', 'action c@1': 'new' }
    expect(standingOf(state(), running('201', { shipped }))).toEqual({ kind: 'newer', changed: ['action a@1'] })
    expect(changedSince(state().shipped, { 'action a@1': 'x' })).toEqual(['action b@1'])
    expect(changedSince(null, {})).not.toEqual([])
    expect(changedSince({}, shipped)).toEqual([])
  })

  it('[DEP-1] development is build 0: compared with nothing, and nothing is sealed for it', () => {
    for (const build of ['dev', '', 'build-7', '0']) expect(kindOf(state(), running(build))).toBe('current')
  })

  it('[DEP-1, CX-48] a rollback takes back what is newer; what comes after that is let in', () => {
    const taken = withdrawnUntil(state({ build: '300' }))
    const after = state({ build: '200', withdrawnUntil: taken })
    expect(kindOf(after, running('200'))).toBe('current')
    expect([250, 300].map((build) => kindOf(after, running(String(build))))).toEqual(['withdrawn', 'withdrawn'])
    expect(kindOf(after, running('301'))).toBe('newer')
    expect(kindOf(after, running('199'))).toBe('outdated')
    // Further back, and forward again.
    expect(withdrawnUntil(after)).toBe('300')
    expect(kindOf(state({ build: '300', withdrawnUntil: '300' }), running('300'))).toBe('current')
    // What the build let in again ships is told by itself, without sealing once more.
    expect(standingOf({ ...after, shipped: null }, running('200'))).toEqual({ kind: 'newer', changed: [] })
  })

  it('[DEP-2] no server with other tables, development included; one that says nothing is not asked', () => {
    expect(kindOf(state(), running('200', { schema: 't' }))).toBe('other-schema')
    expect(kindOf(state(), running('dev', { schema: 't' }))).toBe('other-schema')
    expect(kindOf(state({ schema: null }), running('200', { schema: 't' }))).toBe('current')
    expect(kindOf(state(), running('200', { schema: null }))).toBe('current')
  })
})
