import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonBounds, jsonShapeProblem, withoutPrototypeKeys } from './json-shape'

const small = { depthMax: 3, membersMax: 5 }

test('depth is counted outside strings only', () => {
  expect(jsonShapeProblem('[[[1]]]', small)).toBeNull()
  expect(jsonShapeProblem('[[[[1]]]]', small)).toContain('3 levels')
  expect(jsonShapeProblem('{"a":"[[[[[["}', small)).toBeNull()
  expect(jsonShapeProblem(String.raw`["\\\"[[[[", "\\"]`, small)).toBeNull()
  expect(jsonShapeProblem(String.raw`["\\",[[[1]]]]`, small)).toContain('3 levels')
})

test('siblings do not add to the depth', () => {
  expect(jsonShapeProblem('[[],[],[],[],[]]', small)).toBeNull()
})

test('members are counted over the whole text', () => {
  expect(jsonShapeProblem('[1,2,3,4,5,6]', small)).toBeNull()
  expect(jsonShapeProblem('[1,2,3,4,5,6,7]', small)).toContain('5 members')
  expect(jsonShapeProblem('{"a":1,"b":2,"c":3}', small)).toBeNull()
  expect(jsonShapeProblem('{"a":1,"b":2,"c":3,"d":4}', small)).toContain('5 members')
})

test('[AB-13] a hundred thousand levels are refused without touching the stack', () => {
  expect(jsonShapeProblem('['.repeat(100_000))).toContain(`${jsonBounds.depthMax} levels`)
})

test('text that is no JSON is left to the parser', () => {
  for (const text of ['', '"', '"abc', ']]]', '{"a":"\\']) expect(jsonShapeProblem(text, small)).toBeNull()
})

test('whatever JSON.stringify makes is measured as JSON.parse would build it', () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const bounds = { depthMax: 4, membersMax: 1_000_000 }
      expect(jsonShapeProblem(JSON.stringify(value), bounds) === null).toBe(depthOf(value) <= 4)
    }),
  )
})

test('[AB-14] keys that reach a prototype are dropped, however they are written', () => {
  const attempts = [
    '{"a":1,"__proto__":{"polluted":true}}',
    '{"a":1,"\\u005f\\u005fproto__":{"polluted":true}}',
    '{"a":1,"constructor":{"prototype":{"polluted":true}}}',
    '{"a":1,"\\u0063onstructor":{"prototype":{"polluted":true}}}',
  ]
  for (const text of attempts) {
    expect(withoutPrototypeKeys(text)).toBe('{"a":1}')
  }
})

test('honest keys and values survive', () => {
  const honest = { constructor: 'Brunel', note: '__proto__ is a key', nested: [{ constructor: { year: 1859 } }] }
  expect(JSON.parse(withoutPrototypeKeys(JSON.stringify(honest)))).toEqual(honest)
  const ordinary = '{ "a" : 1.0 }'
  expect(withoutPrototypeKeys(ordinary), 'ordinary text is not written anew').toBe(ordinary)
})
