import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actionIds, seededRandom } from './ids'

/** RFC 9562, section 5.5, written down once more. */
function uuidv5(name: string, namespace: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
  const text = hash.toString('hex')
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20, 32)].join('-')
}

const actionId = fc.uuid()

describe('ids of an action', () => {
  it('[ACT-1] are uuidv5 of the action id and a key or running number: the same on every replay', () => {
    fc.assert(
      fc.property(actionId, fc.array(fc.option(fc.string(), { nil: undefined }), { maxLength: 8 }), (id, keys) => {
        const run = () => {
          const ids = actionIds(id)
          return keys.map((key) => ids.id(key))
        }
        let running = 0
        const expected = keys.map((key) => {
          if (key !== undefined) return uuidv5(`key:${key}`, id)
          running += 1
          return uuidv5(`number:${running}`, id)
        })
        expect(run()).toEqual(expected)
        expect(run()).toEqual(run())
      }),
    )
  })

  it('[ACT-1] a keyed id does not move the running number, and no key can be mistaken for a number', () => {
    const id = '00000000-0000-4000-8000-000000000001'
    const mixed = actionIds(id)
    const [one, keyed, two] = [mixed.id(), mixed.id('1'), mixed.id()]
    const plain = actionIds(id)
    expect([plain.id(), plain.id()]).toEqual([one, two])
    expect(new Set([one, keyed, two, mixed.id('number:1'), mixed.id('')]).size).toBe(5)
  })

  it('[ACT-2] are remembered, and no two actions share one', () => {
    fc.assert(
      fc.property(actionId, actionId, (left, right) => {
        fc.pre(left !== right)
        const [mine, theirs] = [actionIds(left), actionIds(right)]
        const own = [mine.id(), mine.id('a'), mine.id()]
        expect([...mine.handedOut]).toEqual(own)
        for (const id of [theirs.id(), theirs.id('a')]) expect(mine.handedOut.has(id)).toBe(false)
      }),
    )
  })
})

describe('chance of an action', () => {
  it('[ACT-1] repeats for one seed and differs for another', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (left, right) => {
        fc.pre(left !== right)
        const series = (seed: string) => Array.from({ length: 20 }, seededRandom(seed))
        expect(series(left)).toEqual(series(left))
        expect(series(left)).not.toEqual(series(right))
        for (const value of series(left)) expect(value >= 0 && value < 1).toBe(true)
      }),
    )
  })

  it('[ACT-1] is spread evenly', () => {
    const counts = Array(10).fill(0) as number[]
    for (let seed = 0; seed < 100; seed += 1) {
      const random = seededRandom(`seed ${seed}`)
      for (let draw = 0; draw < 100; draw += 1) {
        const place = Math.floor(random() * 10)
        counts[place] = (counts[place] ?? 0) + 1
      }
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })
})
