import { describe, expect, it } from 'vitest'
import { compareSentence } from './compare-sentence'

const report = { comparedAtMs: 5, audiences: 7, left: 0, mismatches: [] }
const mismatch = { audience: 'user:ann', seq: 3, device: '1-a', server: '1-b', atMs: 4 }

describe('what a comparison with the server found', () => {
  it.each([
    [null, null, 'Once a day this device checks that it holds exactly what the server has.'],
    [report, '3 minutes ago', 'Everything here is what the server has. Compared 3 minutes ago.'],
    [{ ...report, left: 7 }, null, 'Nothing could be compared yet. It goes on by itself when the server answers.'],
    [
      { ...report, left: 2 },
      '1 day ago',
      '2 of 7 parts could not be compared yet. It goes on by itself when the server answers.',
    ],
    [
      { ...report, mismatches: [mismatch] },
      'just now',
      '1 part differed and was loaded anew. Please send the report to whoever runs this app. Compared just now.',
    ],
  ])('[CON-1] %j, %s', (found, ago, sentence) => {
    expect(compareSentence(found, ago)).toBe(sentence)
  })
})
