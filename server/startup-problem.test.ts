import { expect, test } from 'vitest'
import { DataDirectoryLocked } from './data-directory'
import { startupProblem } from './startup-problem'

const withCode = (message: string, code: string) => Object.assign(new Error(message), { code })

test('messages that were written for people are left as they are', () => {
  expect(startupProblem(new DataDirectoryLocked('Stop that process first.'))).toBe('Stop that process first.')
  const mayNot = new Error('Ask an administrator to run: CREATE ROLE', {
    cause: withCode('permission denied', '42501'),
  })
  expect(startupProblem(mayNot)).toBe('Ask an administrator to run: CREATE ROLE')
})

test('a privilege that is missing without such words gets advice', () => {
  const cause = withCode('permission denied for database app', '42501')
  expect(startupProblem(Object.assign(withCode(cause.message, '42501'), { cause }))).toContain(
    'should own the database',
  )
})

test('what Postgres and the network say gets advice', () => {
  expect(startupProblem(withCode('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED'))).toContain('is running')
  expect(startupProblem(withCode('password authentication failed', '28P01'))).toContain('password in DATABASE_URL')
  expect(startupProblem(withCode('database "app" does not exist', '3D000'))).toContain('CREATE DATABASE')
})

test('what nobody expected is not dressed up', () => {
  expect(startupProblem(new TypeError('x is undefined'))).toBeNull()
  expect(startupProblem(withCode('division by zero', '22012'))).toBeNull()
  expect(startupProblem('a string')).toBeNull()
})
