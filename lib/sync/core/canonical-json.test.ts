import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyHash, canonicalJson, hashText } from './canonical-json'

/** The same value with the members of every object in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reordered(member)]),
  )
}

describe('canonical JSON', () => {
  it('[ING-2] is one text for one value, whatever the order of its members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reordered(value))).toBe(canonicalJson(value))
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value))
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('[ING-2] differs for different values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown
        let areEqual = true
        try {
          expect(plain(left)).toEqual(plain(right))
        } catch {
          areEqual = false
        }
        expect(canonicalJson(left) === canonicalJson(right)).toBe(areEqual)
      }),
    )
  })

  it('[ACT-4] treats what JSON leaves out as absent, and refuses what it cannot carry', () => {
    expect(canonicalJson({ b: 1, a: undefined, c: () => 1 })).toBe('{"b":1}')
    expect(canonicalJson([undefined, Number.NaN, -0, new Date(0)])).toBe('[null,null,0,"1970-01-01T00:00:00.000Z"]')
    expect(canonicalJson(undefined)).toBe('null')
    expect(canonicalJson('\ud800')).toBe('"\\ud800"')
    const circle: Record<string, unknown> = {}
    circle.self = circle
    for (const value of [1n, { a: 1n }, circle, () => 1, Symbol('x')]) {
      expect(() => canonicalJson(value)).toThrow(TypeError)
    }
  })

  it('[ING-0] a member called __proto__ is only a member (AB-14)', () => {
    const value: unknown = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}')
    expect(canonicalJson(value)).toBe('{"__proto__":{"polluted":true},"a":1}')
    expect('polluted' in {}).toBe(false)
  })
})

describe('the body hash', () => {
  const body = { name: 'a.b', version: 1, input: { x: 1, y: [1, 2] }, author: 'ann' }

  it('[ING-2] is SHA-256, equal for equal name, version, input and author', () => {
    expect(hashText('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(bodyHash({ ...body, input: { y: [1, 2], x: 1 } })).toBe(bodyHash(body))
    const others = [
      { ...body, name: 'a.c' },
      { ...body, version: 2 },
      { ...body, input: { x: 1, y: [2, 1] } },
      { ...body, author: 'ben' },
    ]
    expect(new Set([body, ...others].map(bodyHash)).size).toBe(5)
  })
})
