/** The house rules on the whole tree. Each rule has tests of its own beside it. */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { checkCatalogue } from './catalogue'
import { checkDocuments } from './documents'
import { checkFloors } from './floors'
import { checkNames } from './names'
import { checkPlainText } from './plain-text'
import { checkRuleIds } from './rule-ids'
import { checkSizes } from './sizes'
import { readTree } from './source'
import { checkVocabulary } from './vocabulary'

const sources = readTree(fileURLToPath(new URL('../..', import.meta.url)))

describe('the tree', () => {
  it('is there to be read', () => {
    expect(sources.length).toBeGreaterThan(20)
  })

  it.each([
    ['floors: who may import whom', checkFloors],
    ['sizes of files and functions', checkSizes],
    ['file names', checkNames],
    ['rules and the tests that cite them', checkRuleIds],
    ['failures and counter-examples, and the tests that provoke them', checkCatalogue],
    ['the vocabulary', checkVocabulary],
    ['documents that name files', checkDocuments],
    ['nothing skipped, silenced or tied to one machine', checkPlainText],
  ])('keeps %s', (_, check) => {
    const findings = check(sources).map(({ path, line, message }) => `${path}:${line} ${message}`)
    expect(findings.join('\n')).toBe('')
  })
})
