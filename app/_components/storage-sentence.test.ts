import { describe, expect, it } from 'vitest'
import {
  fullSentence,
  lostSentence,
  persistenceSentence,
  spaceWords,
  storageSentence,
  unsentWords,
} from './storage-sentence'

describe('the words about storage', () => {
  it('[TAB-2, FM-16] warn of a browser that keeps nothing, and only of that', () => {
    expect(storageSentence('memory')).toContain('keeps nothing')
    expect([storageSentence('opfs'), storageSentence('indexeddb'), storageSentence(null)]).toEqual([null, null, null])
  })

  it('[FM-10, FM-11] say what to do when there is no room, and what is safe', () => {
    expect(fullSentence(0)).toMatch(/no room left.*Free some space.*by itself\.$/)
    expect(fullSentence(1)).toContain('1 change that waits is kept')
    expect(fullSentence(4)).toContain('4 changes that wait are kept')
  })

  it('[FM-12, FM-20] say what went with what the browser removed', () => {
    expect(lostSentence(0)).toContain('Nothing of yours was lost')
    expect(lostSentence(1)).toContain('1 change that had not been sent is gone')
    expect(lostSentence(3)).toContain('3 changes that had not been sent are gone')
  })

  it.each([
    [null, 'The browser does not say'],
    [10, 'Less than 1 MB'],
    [31_093_267, 'About 31 MB'],
    [1_240_000_000, 'About 1.2 GB'],
  ])('give %s bytes in words', (bytes, words) => expect(spaceWords(bytes)).toBe(words))

  it('count what the server does not have', () => {
    expect(unsentWords(0, null)).toBe('Nothing: the server has everything')
    expect(unsentWords(1, '5 min ago')).toBe('1 change, made 5 min ago')
    expect(unsentWords(12, 'yesterday')).toBe('12 changes, the oldest yesterday')
  })

  it('[FM-12] warn of what would be lost where the browser may remove it', () => {
    expect(persistenceSentence(true, 3)).toContain('promised')
    expect(persistenceSentence(null, 3)).toContain('does not say')
    expect(persistenceSentence(false, 0)).toContain('loaded again')
    expect(persistenceSentence(false, 1)).toContain('lose the change that waits')
    expect(persistenceSentence(false, 3)).toContain('lose the 3 changes that wait')
  })
})
