import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExchangeRequest } from '@/lib/sync/core/protocol'
import { limits } from '@/lib/sync/core/protocol'
import type { Services } from './context'
import { handleTrpc } from './handler'

const origin = 'http://localhost:3000'
const clientId = '0198f000-0000-7000-8000-000000000001'
const exchange: ExchangeRequest = {
  protocol: 1,
  clientId,
  build: 'dev',
  schema: 'fingerprint',
  epoch: null,
  cursors: [],
  lastConfirmed: null,
  actions: [],
  digests: [],
}

let calls: { userId: string; request: ExchangeRequest }[]
let services: Services
beforeEach(() => {
  calls = []
  const uses = new Map<string, number>()
  services = {
    getSession: async (headers) =>
      headers.get('cookie') === 'session=ada' ? { user: { id: 'ada', name: 'Ada', email: 'ada@example.com' } } : null,
    shape: async () => new Response('[]'),
    snapshot: async () => ({ isShared: true, write: async () => false }),
    exchange: async (userId, request) => {
      calls.push({ userId, request })
      return { kind: 'fork', serverTimeMs: 1 }
    },
    firstRows: async () => [['x']],
    findPerson: async (email) => (email === 'ben@example.com' ? { id: 'ben', name: 'Ben' } : null),
    countUse: async (key, { max }) => {
      uses.set(key, (uses.get(key) ?? 0) + 1)
      return (uses.get(key) ?? 0) <= max
    },
  }
})
afterEach(() => {
  vi.restoreAllMocks()
})

interface Call {
  readonly path: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly method?: string
}
const ours = { 'content-type': 'application/json', origin, cookie: 'session=ada' }

async function call({ path, body = {}, headers = ours, method = 'POST' }: Call) {
  const init: RequestInit = { method, headers }
  if (method === 'POST') init.body = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await handleTrpc(new Request(`${origin}/api/trpc/${path}`, init), services, [origin])
  const text = await answer.text()
  return { answer, text, json: JSON.parse(text) as { result?: { data: unknown }; error?: { data: object } } }
}

describe('a server that must not work', () => {
  test('[DEP-1] answers 503, and a device comes back later', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const refusal = Object.assign(new Error('build 7 has worked here since'), { name: 'NotServing' })
    const down = { ...services, exchange: () => Promise.reject(refusal) }
    const request = new Request(`${origin}/api/trpc/sync.exchange`, {
      ...{ method: 'POST', headers: ours, body: JSON.stringify(exchange) },
    })
    const answer = await handleTrpc(request, down, [origin])
    expect(answer.status).toBe(503)
    expect(await answer.text()).not.toContain('build 7')
  })
})

describe('every answer', () => {
  const requests: Call[] = [
    { path: 'sync.exchange', body: exchange },
    { path: 'sync.exchange', body: exchange, headers: { ...ours, cookie: '' } },
    { path: 'sync.exchange', body: '{' },
    { path: 'sync.exchange', method: 'GET' },
    { path: 'nothing.here' },
    { path: 'sync.exchange', headers: { ...ours, origin: 'https://evil.example.com' } },
  ]
  for (const [index, request] of requests.entries()) {
    test(`[NET-1] is marked as ours, private and JSON (${index + 1})`, async () => {
      const { answer } = await call(request)
      expect(answer.headers.get('x-beamline')).toBe('1')
      expect(answer.headers.get('cache-control')).toBe('private, no-store')
      expect(answer.headers.get('vary')).toBe('Cookie')
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    })
  }
})

describe('an exchange', () => {
  test('[AB-04] runs as the user of the session', async () => {
    const { json } = await call({ path: 'sync.exchange', body: exchange })
    expect(json.result?.data).toEqual({ kind: 'fork', serverTimeMs: 1 })
    expect(calls).toEqual([{ userId: 'ada', request: exchange }])
  })

  test('[AB-04] that names a user is refused: the author comes from the session alone', async () => {
    const { answer } = await call({ path: 'sync.exchange', body: { ...exchange, userId: 'ben' } })
    expect(answer.status).toBe(400)
    expect(calls).toEqual([])
  })

  test('[NET-1] without a session answers 401 and does no work, whatever it carries', async () => {
    for (const body of [exchange, { ...exchange, protocol: 99 }]) {
      const { answer, json } = await call({ path: 'sync.exchange', body, headers: { ...ours, cookie: '' } })
      expect(answer.status).toBe(401)
      expect(json.error?.data).toEqual({ code: 'UNAUTHORIZED', httpStatus: 401, id: null })
    }
    expect(calls).toEqual([])
  })

  test('[DEV-1] for another user than that of the session answers 401', async () => {
    const send = (user: string) =>
      call({ path: 'sync.exchange', body: exchange, headers: { ...ours, 'x-beamline-user': encodeURIComponent(user) } })
    expect((await send('ben')).answer.status).toBe(401)
    expect(calls).toEqual([])
    expect((await send('ada')).answer.status).toBe(200)
  })

  test('[FM-31] a body cut off at any byte changes nothing', async () => {
    const body = JSON.stringify(exchange)
    for (let length = 0; length < body.length; length++) {
      const { answer } = await call({ path: 'sync.exchange', body: body.slice(0, length) })
      expect(answer.status, `cut at ${length}`).toBe(400)
    }
    expect(calls).toEqual([])
  })

  test('[AB-12] over the limit of bytes answers 413', async () => {
    const { answer } = await call({ path: 'sync.exchange', body: `"${'x'.repeat(limits.requestBytesMax)}"` })
    expect(answer.status).toBe(413)
  })

  test('of the largest honest size passes the bounds of depth and members', async () => {
    const action = (ordinal: number) => ({
      id: clientId,
      name: 'issue.create',
      version: 1,
      input: { title: 'x'.repeat(20_000), nested: [[[[[[]]]]]] },
      ordinal,
      clock: `0198f0000000-0000-${clientId}`,
      wasConfirmed: false,
    })
    const cursor = { audience: 'project:1', seq: 1, token: 't'.repeat(22) }
    const body = {
      ...exchange,
      cursors: Array.from({ length: limits.cursorsMax }, () => cursor),
      actions: Array.from({ length: limits.batchActionsMax }, (_, index) => action(index + 1)),
    }
    const { answer } = await call({ path: 'sync.exchange', body })
    expect(answer.status).toBe(200)
  })
})

describe('what an error tells', () => {
  test('[AB-24] a failure of the server shows a code and an id, and logs the rest under that id', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    services.exchange = () => Promise.reject(new Error('duplicate key (email)=(canary@example.com)'))
    const { answer, text } = await call({ path: 'sync.exchange', body: exchange })
    expect(answer.status).toBe(500)
    expect(text).not.toMatch(/canary|duplicate|stack|\.ts/)
    const { id } = JSON.parse(text).error.data
    expect(logged).toHaveBeenCalledWith(
      expect.stringContaining(id),
      expect.objectContaining({ message: expect.stringContaining('canary') }),
    )
  })

  test('[AB-24] validation does not repeat what was sent', async () => {
    const { text } = await call({ path: 'sync.exchange', body: { ...exchange, build: 17, canary: 'canary' } })
    expect(text).not.toContain('canary')
    expect(text).not.toContain('build')
  })
})

describe('shapes of calls that are not offered', () => {
  test('[AB-34] batches are refused', async () => {
    const { answer } = await call({ path: 'sync.exchange,sync.exchange?batch=1', body: { 0: exchange, 1: exchange } })
    expect(answer.status).toBe(400)
    expect(calls).toEqual([])
  })

  test('an unknown call answers 404 to everybody', async () => {
    expect((await call({ path: 'nothing.here' })).answer.status).toBe(404)
  })

  test('[AB-35] a header that fools proxies into skipping their checks changes nothing', async () => {
    const headers = { ...ours, cookie: '', 'x-middleware-subrequest': 'middleware:middleware' }
    expect((await call({ path: 'people.me', headers })).answer.status).toBe(401)
  })
})

describe('people', () => {
  test('me is the user of the session', async () => {
    const { json } = await call({ path: 'people.me' })
    expect(json.result?.data).toEqual({ id: 'ada', name: 'Ada', email: 'ada@example.com' })
  })

  test('a lookup finds an address in any case and answers id and name only', async () => {
    const { json } = await call({ path: 'people.lookup', body: { email: 'Ben@Example.com' } })
    expect(json.result?.data).toEqual({ id: 'ben', name: 'Ben' })
  })

  test('a lookup of an unknown address answers null', async () => {
    const { json } = await call({ path: 'people.lookup', body: { email: 'nobody@example.com' } })
    expect(json.result?.data).toBeNull()
  })

  test('lookups are limited per user, found or not', async () => {
    const body = { email: 'nobody@example.com' }
    const statuses: number[] = []
    for (let count = 0; count < 31; count++) statuses.push((await call({ path: 'people.lookup', body })).answer.status)
    expect(statuses.slice(0, 30)).toEqual(Array(30).fill(200))
    expect(statuses[30]).toBe(429)
  })

  test('a lookup needs a session', async () => {
    const body = { email: 'ben@example.com' }
    expect((await call({ path: 'people.lookup', body, headers: { ...ours, cookie: '' } })).answer.status).toBe(401)
  })
})
