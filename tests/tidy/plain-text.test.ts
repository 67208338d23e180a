import { describe, expect, it } from 'vitest'
import { checkPlainText } from './plain-text'

const count = (path: string, text: string) => checkPlainText([{ path, text }]).length

describe('what no file may contain', () => {
  it.each([
    ['lib/a.test.ts', `it.skip('a', () => {})`],
    ['lib/a.test.ts', `describe.only('a', () => {})`],
    ['lib/a.test.ts', `xit('a', () => {})`],
    ['lib/a.test.ts', `it.skipIf(true)('a', () => {})`],
    ['lib/a.test.ts', `await new Promise((done) => setTimeout(done, 5))`],
    ['tests/e2e/a.spec.ts', `test.fixme()`],
    ['tests/e2e/a.spec.ts', `await page.waitForTimeout(100)`],
    ['lib/a.ts', `// @ts-${'ignore'}`],
    ['lib/a.ts', `// @ts-expect-error`],
    ['lib/a.ts', `// ${'TODO'} later`],
    ['README.md', `see ../${'shared'}/NOTES.md`],
    ['README.md', `cd /${'home'}/ann/beamline`],
    ['.ci/run', `cd "/${'work'}/beamline"`],
  ])('%s: %s', (path, text) => {
    expect(count(path, text)).toBe(1)
  })

  it.each([
    ['lib/a.test.ts', `it('skips what is known', () => {})`],
    ['lib/a.test.ts', `// @ts-expect-error: a number is refused`],
    ['lib/a.ts', `// ${'TODO'}(#12) later`],
    ['lib/a.ts', `setTimeout(retry, delayMs)`],
    ['tests/e2e/a.spec.ts', `test.setTimeout(300_000)`],
    ['docs/A.md', `https://example.org/home/ann and ./work/a and app/home/page.tsx`],
  ])('%s is fine: %s', (path, text) => {
    expect(count(path, text)).toBe(0)
  })
})
