import { expect, test } from 'vitest'
import { handleCron } from './cron-handler'

const secret = 'a-secret-of-some-length'
let calls = 0
const call = async (authorization: string | null, configured: string | null = secret) => {
  calls = 0
  const headers: Record<string, string> = authorization === null ? {} : { authorization }
  const request = new Request('http://localhost:3000/api/cron/compact', { headers })
  const answer = await handleCron(request, configured, async () => {
    calls += 1
    return { isDone: true }
  })
  return { status: answer.status, body: await answer.json(), cache: answer.headers.get('cache-control') }
}

test('who knows the secret has the work done, and hears what came of it', async () => {
  expect(await call(`Bearer ${secret}`)).toEqual({
    status: 200,
    body: { isDone: true },
    cache: 'private, no-store',
  })
  expect(calls).toBe(1)
})

test.each([null, '', secret, 'Bearer ', `Bearer ${secret}x`, `Bearer ${secret.slice(1)}`, `bearer ${secret}`])(
  'everybody else is turned away, and nothing is done: %s',
  async (authorization) => {
    expect((await call(authorization)).status).toBe(401)
    expect(calls).toBe(0)
  },
)

test.each([`Bearer ${secret}`, 'Bearer ', 'Bearer null', null])(
  'without a configured secret nobody may: %s',
  async (authorization) => {
    expect((await call(authorization, null)).status).toBe(404)
    expect(calls).toBe(0)
  },
)
