import { describe, expect, it } from 'vitest'
import { checkRuleIds } from './rule-ids'

const spec = (...rules: string[]) => ({ path: 'docs/SPEC.md', text: rules.join('\n') })
const messages = (...sources: { path: string; text: string }[]) => checkRuleIds(sources).map((each) => each.message)
const built = spec('# Rules', '- **ROL-1** · *built* · Net.', '- **ACT-6** · *later part* · Effects.')
const proof = { path: 'lib/sync/store/a.test.ts', text: `it('[ROL-1] is net', () => {})` }

describe('rule ids', () => {
  it('a built rule needs a test, a later one does not', () => {
    expect(messages(built).join()).toContain('ROL-1 is called built, but no test cites it')
    expect(messages(built).join()).not.toContain('ACT-6')
    expect(messages(built, proof)).toEqual([])
  })

  it('a citation outside the name of a test proves nothing', () => {
    const comment = { path: 'lib/sync/store/a.test.ts', text: `// [ROL-1]\nconst it = 'x [ROL-1]'` }
    expect(messages(built, comment)).toHaveLength(1)
  })

  it.each([
    `it.each([1])('[ROL-1] %i', () => {})`,
    `test('[CX-1b, ROL-1] both', () => {})`,
    `describe('[ROL-1] roll back', () => { it('is net', () => {}) })`,
    `it(\`[ROL-1] with \${x}\`, () => {})`,
    `describe.each(drivers)('[ROL-1] on %s', () => { it('is net', () => {}) })`,
  ])('%s is a proof', (text) => {
    expect(messages(built, { path: 'tests/contracts/a.test.ts', text })).toEqual([])
  })

  it('a test cites rules that exist; catalogues of failures and abuse are known by their prefix', () => {
    const unknown = { path: 'tests/scenarios/a.test.ts', text: `it('[ROL-7] is net', () => {})` }
    expect(messages(built, proof, unknown).join()).toContain('"[ROL-7] is net" cites ROL-7')
    const catalogue = { path: 'tests/scenarios/a.test.ts', text: `it('[FM-03, CX-9c, AB-04] x', () => {})` }
    expect(messages(built, proof, catalogue)).toEqual([])
  })

  it('a scenario and a failure name what they are about, others need not', () => {
    const bare = `it('works', () => {})`
    expect(messages(built, proof, { path: 'tests/failures/a.test.ts', text: bare }).join()).toContain('names no rule')
    expect(messages(built, proof, { path: 'tests/scenarios/a.test.ts', text: bare }).join()).toContain('names no rule')
    expect(messages(built, proof, { path: 'lib/sync/core/a.test.ts', text: bare })).toEqual([])
  })

  it('a comment that cites a rule can be looked up', () => {
    const code = (text: string) => ({ path: 'lib/sync/core/a.ts', text })
    expect(messages(built, proof, code('// see ROL-9')).join()).toContain('ROL-9 is not in docs/SPEC.md')
    expect(messages(built, proof, code('// see ROL-1 and ACT-6, UTF-8 and ISO-8601'))).toEqual([])
  })

  it('the rules themselves are well formed', () => {
    expect(messages(spec('- **ROL-1** Net.')).join()).toContain('Write a rule as')
    expect(messages(spec('- **X-1** no rule'))).toEqual([])
    expect(messages(built, proof, spec()).length).toBe(0)
    const twice = spec('- **ROL-1** · *later part* · a', '- **ROL-1** · *later part* · b')
    expect(messages(twice).join()).toContain('stated twice')
    expect(messages(proof).join()).toContain('Missing')
  })
})
