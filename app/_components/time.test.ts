import { expect, it } from 'vitest'
import { agoWords, clockWords, dateWords } from './time'

const now = new Date(2026, 4, 4, 12, 0).getTime()
const at = (...parts: [number, number, number, number, number]) => new Date(...parts).getTime()

it.each([
  [now - 20_000, 'just now'],
  [now + 5_000, 'just now'],
  [now - 5 * 60_000, '5 min ago'],
  [at(2026, 4, 4, 9, 0), '3 h ago'],
  [at(2026, 4, 3, 9, 0), 'yesterday'],
  [at(2026, 3, 1, 9, 0), '1 Apr'],
  [at(2025, 3, 1, 9, 0), '1 Apr 2025'],
])('says how long ago %i was', (atMs, words) => expect(agoWords(atMs, now)).toBe(words))

it('gives the time today, and the date before', () => {
  expect(clockWords(at(2026, 4, 4, 9, 5), now)).toBe('09:05')
  expect(clockWords(at(2026, 4, 3, 22, 30), now)).toBe('3 May, 22:30')
  expect(dateWords(at(2024, 11, 31, 0, 0), now)).toBe('31 Dec 2024')
})
