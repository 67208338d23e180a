import { expect, test } from 'vitest'
import { EnvironmentError, masked, readEnvironment } from './env'

const problemsOf = (variables: Record<string, string>) => {
  try {
    readEnvironment(variables)
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems
    throw error
  }
  return []
}

test('an empty environment is a working development environment', () => {
  const environment = readEnvironment({})
  expect(environment).toMatchObject({
    mode: 'development',
    port: 3000,
    appUrl: 'http://localhost:3000',
    databaseUrl: null,
    authSecret: null,
    trustedProxies: [],
  })
  expect(environment.dataDirectory).toMatch(/\.data$/)
})

test('the address of the app follows PORT and loses its path', () => {
  expect(readEnvironment({ PORT: '4100' }).appUrl).toBe('http://localhost:4100')
  expect(readEnvironment({ APP_URL: 'https://app.example.com/board/' }).appUrl).toBe('https://app.example.com')
})

test('production without a secret says so and offers a fresh one that is accepted', () => {
  const [problem] = problemsOf({ NODE_ENV: 'production' })
  expect(problem).toContain('AUTH_SECRET is missing')
  const offered = /AUTH_SECRET=(\S+)/.exec(problem ?? '')?.[1]
  expect(readEnvironment({ NODE_ENV: 'production', AUTH_SECRET: offered }).authSecret).toBe(offered)
})

test('a short secret is refused in development too', () => {
  expect(problemsOf({ AUTH_SECRET: 'short' })).toEqual([expect.stringContaining('has only 5 characters')])
})

test('every problem is told at once, with the variable and what to write', () => {
  const problems = problemsOf({
    PORT: 'eighty',
    APP_URL: 'app.example.com',
    DATABASE_URL: 'mysql://app:hunter2@db/app',
    NODE_ENV: 'production',
  })
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['PORT', 'APP_URL', 'DATABASE_URL', 'AUTH_SECRET'])
  expect(problems.join()).toContain('DATABASE_URL=postgres://')
  expect(problems.join(), 'a password never reaches a message').not.toContain('hunter2')
})

test('an empty variable counts as absent, as in a .env that was only half filled in', () => {
  expect(readEnvironment({ DATABASE_URL: '', PORT: ' ', AUTH_SECRET: '' })).toMatchObject({
    databaseUrl: null,
    port: 3000,
  })
})

test('trusted proxies are a list', () => {
  expect(readEnvironment({ TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.1' }).trustedProxies).toEqual([
    '10.0.0.0/8',
    '127.0.0.1',
  ])
})

test('a password is masked, the rest of a connection string stays readable', () => {
  expect(masked('postgres://app:se cret@db.example.com:5432/app')).toBe('postgres://app:***@db.example.com:5432/app')
})

test('[OUT-1, FM-55] how long history is kept must fit what devices keep, and is told in days', () => {
  const dayMs = 86_400_000
  expect(readEnvironment({}).retention.lateWindowMs).toBe(30 * dayMs)
  expect(readEnvironment({ LATE_WINDOW_DAYS: '90' }).retention).toMatchObject({
    lateWindowMs: 90 * dayMs,
    keptHistoryMs: 90 * dayMs,
  })
  expect(problemsOf({ LATE_WINDOW_DAYS: '7' })).toEqual([expect.stringContaining('devices offer their work again')])
  expect(problemsOf({ LATE_WINDOW_DAYS: '40', KEPT_HISTORY_DAYS: '35' })).toHaveLength(1)
  expect(problemsOf({ KEPT_HISTORY_DAYS: 'long', KEPT_ENTRIES_MAX: '0' })).toHaveLength(2)
})

test('a secret for the scheduler is long enough or absent, and is not printed', () => {
  expect(readEnvironment({}).cronSecret).toBeNull()
  expect(readEnvironment({ CRON_SECRET: 'sixteen-letters!' }).cronSecret).toBe('sixteen-letters!')
  const [problem] = problemsOf({ CRON_SECRET: 'hunter2' })
  expect(problem).toContain('CRON_SECRET')
  expect(problem).not.toContain('hunter2')
})

test('[SHP-2] Electric reads a Postgres: without one its address is a mistake', () => {
  const url = { ELECTRIC_URL: 'http://localhost:3001' }
  expect(problemsOf(url)).toEqual([expect.stringContaining('Set DATABASE_URL too')])
  const environment = readEnvironment({ ...url, DATABASE_URL: 'postgres://localhost/app', ELECTRIC_SECRET: ' s ' })
  expect(environment).toMatchObject({ electricUrl: url.ELECTRIC_URL, electricSecret: 's', electricRole: 'electric' })
  expect(readEnvironment({}).electricUrl).toBeNull()
  expect(problemsOf({ ELECTRIC_URL: 'electric:3000', DATABASE_URL: 'postgres://localhost/app' })[0]).toContain(
    'http://',
  )
})
