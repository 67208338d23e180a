import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePosition, encodePosition } from './shape-position'

test('[SHP-3] a position comes back as it was given, whatever the numbers and how many audiences', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 60 }), (position) => {
      expect(decodePosition(encodePosition(position), position.length)).toEqual(position)
    }),
  )
})

test('[SHP-3] four hundred audiences fit into an address', () => {
  const position = Array.from({ length: 400 }, (_, index) => 10_000 + index)
  expect(encodePosition(position).length).toBeLessThan(1_700)
})

test('[SHP-3] what is no position of this shape is none', () => {
  const texts = [
    '',
    'p',
    'now',
    '-1',
    '0_0',
    'p1.2.3',
    'p1',
    'pA.1',
    'p1.',
    'p-1.2',
    'pzzzzzzzzzzz.1',
    "p1.2'; drop",
    'p1 .2',
  ]
  for (const text of texts) expect(decodePosition(text, 2), text).toBeNull()
})
