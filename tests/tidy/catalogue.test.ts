import { describe, expect, it } from 'vitest'
import { checkCatalogue, withCatalogue } from './catalogue'

const failures = (...rows: string[]) => ({ path: 'docs/FAILURES.md', text: ['# Failures', ...rows].join('\n') })
const counterExamples = (...rows: string[]) => ({ path: 'docs/COUNTER-EXAMPLES.md', text: rows.join('\n') })
const marked = '# Testing\n<!-- catalogue: npm run docs:catalogue -->\nold\n<!-- end of catalogue -->\nmore\n'
const test = (title: string, path = 'tests/failures/a.test.ts') => ({ path, text: `it('${title}', () => {})` })
const books = [
  failures('| FM-01 | A crash. | S, Q |  |', '| FM-54 | Compaction. | S | the horizon |'),
  counterExamples('| CX-1b | A row comes back. | APP-1 |  |'),
]
const proofs = [test('[FM-01] a crash'), test('[APP-1] CX-1b is gone', 'lib/sync/core/squash.test.ts')]

/** With docs/TESTING.md made anew, so that only other things can be wrong. */
function messages(...sources: { path: string; text: string }[]): string[] {
  const testing = {
    path: 'docs/TESTING.md',
    text: withCatalogue([...sources, { path: 'docs/TESTING.md', text: marked }]),
  }
  return checkCatalogue([...sources, testing]).map((each) => each.message)
}

describe('the catalogues', () => {
  it('what exists has a test, what waits has none', () => {
    expect(messages(...books, ...proofs)).toEqual([])
    expect(messages(...books, ...proofs.slice(1)).join()).toContain('FM-01 exists, but no test provokes it')
    expect(messages(...books, ...proofs, test('[FM-54] compaction')).join()).toContain(
      'FM-54 waits for "the horizon", but tests/failures/a.test.ts provokes it',
    )
  })

  it('a test cites what is there', () => {
    expect(messages(...books, ...proofs, test('[FM-99] nothing'))).toEqual([
      'FM-99 is in no catalogue. Correct the id, or add a line.',
    ])
    expect(messages(...books, ...proofs, test('[FM-99] a made-up id', 'tests/tidy/a.test.ts'))).toEqual([])
  })

  it.each([
    `describe('[FM-01] crashes', () => { it('while writing', () => {}) })`,
    `it.each([1])('[EXE-1, FM-01] %i', () => {})`,
    `it(\`[FM-01] with \${x}\`, () => {})`,
  ])('%s is a proof', (text) => {
    expect(messages(...books, ...proofs.slice(1), { path: 'tests/failures/a.test.ts', text })).toEqual([])
  })

  it.each([`// FM-01\nit('a crash', () => {})`, `it('a crash', () => { expect(1, '[FM-01]').toBe(1) })`])(
    '%s proves nothing',
    (text) => {
      expect(messages(...books, ...proofs.slice(1), { path: 'tests/failures/a.test.ts', text })).toHaveLength(1)
    },
  )

  it('a planted bug that is caught is a proof, whatever it is called', () => {
    const mutant = {
      path: 'tests/sim/mutants/twice.ts',
      text: `export const twice = { cites: ['FM-01', 'FM-01 or so'] }`,
    }
    expect(messages(...books, ...proofs.slice(1), mutant)).toEqual([])
    expect(messages(...books, ...proofs.slice(1), { ...mutant, path: 'tests/sim/net.ts' })).toHaveLength(1)
  })

  it('lines are well formed, and an id is there once', () => {
    const [, rows] = books
    expect(messages(failures('| FM-01 | A crash. | S, Z | |'), rows!, proofs[1]!).join()).toContain('Write a line as')
    expect(messages(failures('| FM-01 | A crash. | S |'), rows!, proofs[1]!).join()).toContain('Write a line as')
    const twice = failures('| FM-01 | A crash. | S | |', '| FM-01 | Another. | S | |')
    expect(messages(twice, rows!, ...proofs).join()).toContain('FM-01 is there twice')
    expect(messages(rows!, proofs[1]!).join()).toContain('Missing')
  })
})

describe('the table in docs/TESTING.md', () => {
  const sources = [...books, ...proofs, { path: 'docs/TESTING.md', text: marked }]

  it('says where each is provoked and what waits for which part, and leaves the rest of the text alone', () => {
    const text = withCatalogue(sources)
    expect(text).toContain('| FM-01 | `tests/failures/a.test.ts` |')
    expect(text).toContain('| CX-1b | `lib/sync/core/squash.test.ts` |')
    expect(text).toContain('| the horizon | FM-54 |')
    expect(text).not.toContain('old')
    expect(text).toMatch(/^# Testing\n[\s\S]*\nmore\n$/)
    expect(withCatalogue([...sources.slice(0, -1), { path: 'docs/TESTING.md', text }])).toBe(text)
  })

  it('must be up to date and have its place', () => {
    expect(checkCatalogue(sources).map((each) => each.message)).toEqual([
      'The table of failures and counter-examples is not what the tests say. Run: npm run docs:catalogue',
    ])
    const unmarked = { path: 'docs/TESTING.md', text: '# Testing\n' }
    expect(checkCatalogue([...books, ...proofs, unmarked])).toHaveLength(1)
    expect(withCatalogue([...books, ...proofs, unmarked])).toContain('<!-- catalogue')
  })
})
