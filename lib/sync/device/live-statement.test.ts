import { expect, test } from 'vitest'
import { withLiterals, withNumberedColumns } from './live-statement'

test('[LIVE-1] parameters become literals of their type', () => {
  const statement = 'select * from t where a = $1 and b < $2 limit $10'
  const texts = ["O'Hara", null, '', '', '', '', '', '', '', '7']
  expect(withLiterals(statement, texts, ['text', 'integer', ...Array(7).fill('text'), 'bigint'])).toBe(
    "select * from t where a = ('O''Hara')::text and b < (null)::integer limit ('7')::bigint",
  )
})

test('[LIVE-1] what only looks like a parameter stays', () => {
  const statement = `select '$1 it''s $1', "a""$1", $1 -- $1\n/* $1 */ from t where x like '%$1%' and y = $q$ $1 $q$`
  expect(withLiterals(statement, ['v'], ['text'])).toBe(statement.replace(', $1 --', ", ('v')::text --"))
})

test('[LIVE-1] a value that looks like a parameter or a pattern of replacement is left alone', () => {
  expect(withLiterals('select $1, $2', ["$2 $& $' \\", 'x'], ['text', 'text'])).toBe(
    "select ('$2 $& $'' \\')::text, ('x')::text",
  )
})

test('[LIVE-1] two columns may share a name', () => {
  expect(withNumberedColumns('select a.id, b.id from a, b', 2)).toBe(
    'select * from (select a.id, b.id from a, b) as q(c0, c1)',
  )
})
