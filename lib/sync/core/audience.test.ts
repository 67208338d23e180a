import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allNamed, audienceSet, audienceSubject, userAudience } from './audience'

const audience = fc.constantFrom('public', 'user:ann', 'room:1', 'room:2', 'room:3', 'room:2:owners')

describe('audiences', () => {
  it('[ACT-2] what is written is not read besides; both are sorted and told once', () => {
    fc.assert(
      fc.property(fc.array(audience), fc.array(audience), (writes, reads) => {
        const set = audienceSet({ writes, reads, handedOut: new Set(['2', 'public']) })
        expect(set.writes).toEqual([...new Set(writes)].sort())
        expect(set.reads).toEqual([...new Set(reads)].filter((name) => !writes.includes(name)).sort())
        expect(new Set(allNamed(set))).toEqual(new Set([...writes, ...reads]))
        expect(allNamed(set)).toHaveLength(new Set([...writes, ...reads]).size)
      }),
    )
  })

  it('[AUD-4] founds exactly the written audiences whose part after the colon is an id of the action', () => {
    const named = { writes: ['room:1', 'room:2', 'user:3'], reads: ['room:4'], handedOut: new Set(['2', '3', '4']) }
    expect(audienceSet(named).founded).toEqual(['room:2', 'user:3'])
    expect(audienceSet({ ...named, handedOut: new Set() }).founded).toEqual([])
  })

  it('[AUD-2] the private audience of a user is named after them', () => {
    expect(userAudience('ann')).toBe('user:ann')
    expect([audienceSubject('user:ann'), audienceSubject('room:2:owners')]).toEqual(['ann', 'owners'])
  })
})
