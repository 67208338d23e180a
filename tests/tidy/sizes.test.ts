import { describe, expect, it } from 'vitest'
import { checkSizes, limits } from './sizes'

const lines = (count: number) => Array.from({ length: count }, (_, index) => `  x${index}()`).join('\n')
const messages = (path: string, text: string) => checkSizes([{ path, text }]).map((finding) => finding.message)

describe('sizes', () => {
  it.each([
    ['lib/sync/core/a.ts', limits.engineFileLines],
    ['server/a.ts', limits.appFileLines],
    ['lib/actions/a.ts', limits.appFileLines],
    ['app/page.tsx', limits.appFileLines],
    ['lib/sync/core/a.test.ts', limits.testFileLines],
    ['tests/scenarios/a.ts', limits.testFileLines],
  ])('%s may have %i lines and not one more', (path, limit) => {
    expect(messages(path, `${lines(limit)}\n`)).toEqual([])
    expect(messages(path, `${lines(limit + 1)}\n`)).toHaveLength(1)
  })

  it('measures functions, methods and arrows', () => {
    const body = lines(limits.functionLines - 1)
    for (const text of [
      `function f() {\n${body}\n}`,
      `class A {\n f() {\n${body}\n}\n}`,
      `const f = () => {\n${body}\n}`,
    ]) {
      expect(messages('lib/sync/core/a.ts', text).join()).toContain('A function of 71 lines')
      expect(messages('lib/sync/core/a.ts', text.replace('  x0()\n', ''))).toEqual([])
    }
  })

  it('lets a suite be long, its tests not', () => {
    const body = lines(limits.functionLines)
    const test = `it('b', () => {})\n${body}`
    expect(messages('a.test.ts', `describe('a', () => {\n${test}\n})`)).toEqual([])
    expect(messages('a.test.ts', `onBothServers('a', (open) => {\n${test}\n})`)).toEqual([])
    expect(messages('lib/sync/core/a.ts', `describe('a', () => {\n${test}\n})`)).toHaveLength(1)
    expect(messages('a.test.ts', `it('a', () => {\n${body}\n})`)).toHaveLength(1)
  })

  it('asks for an options object instead of a fourth parameter', () => {
    expect(messages('lib/sync/core/a.ts', 'function f(a, b, c) {}')).toEqual([])
    expect(messages('lib/sync/core/a.ts', 'function f(a, b, c, d) {}').join()).toContain('options object')
    expect(messages('lib/sync/core/a.ts', 'class A { constructor(a, b, c, d) {} }').join()).toContain('options object')
  })

  it('counts nesting inside one function, and else-if as one level', () => {
    const nested = (depth: number) => `function f() { ${'if (a) { '.repeat(depth)}${'}'.repeat(depth)} }`
    expect(messages('lib/sync/core/a.ts', nested(4))).toEqual([])
    expect(messages('lib/sync/core/a.ts', nested(5)).join()).toContain('Nested deeper')
    expect(messages('lib/sync/core/a.ts', nested(7))).toHaveLength(1)
    const chain =
      'function f() { if (a) {} else if (b) {} else if (c) {} else if (d) {} else if (e) {} else if (f) {} }'
    expect(messages('lib/sync/core/a.ts', chain)).toEqual([])
    const inner = 'function f() { if (a) { if (a) { if (a) { g(() => { if (a) { if (a) {} } }) } } } }'
    expect(messages('lib/sync/core/a.ts', inner)).toEqual([])
  })
})
