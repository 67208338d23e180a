import { describe, expect, test } from 'vitest'
import type { ExchangeAnswer, ExchangeRequest } from '../core/protocol'
import { createTrpcTransport } from './trpc'

const request: ExchangeRequest = {
  protocol: 1,
  clientId: '00000000-0000-4000-8000-000000000001',
  build: 'b',
  schema: 's',
  epoch: null,
  cursors: [],
  lastConfirmed: null,
  actions: [],
  digests: [],
}
const answer: ExchangeAnswer = { kind: 'fork', serverTimeMs: 7 }
const ours = { 'content-type': 'application/json', 'x-beamline': '1' }

type Reply = (url: string, init: RequestInit) => Response | Promise<Response>

function exchange(reply: Reply, signal = new AbortController().signal) {
  const fetched: typeof fetch = async (url, init) => reply(String(url), init ?? {})
  return createTrpcTransport({
    url: '/api/trpc',
    snapshotUrl: 'https://app.test/api/snapshot',
    userId: 'ann',
    fetch: fetched,
  }).exchange(request, { signal })
}

const respond =
  (status: number, body: unknown, headers: Record<string, string> = ours) =>
  () =>
    new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers })

describe('the tRPC transport', () => {
  test('[ING-0] one POST of plain JSON, and the answer comes back as it is', async () => {
    let seen: [string, RequestInit] | null = null
    const outcome = await exchange((url, init) => {
      seen = [url, init]
      return respond(200, { result: { data: answer } })()
    })
    expect(outcome).toEqual({ kind: 'answer', answer })
    const [url, init] = seen!
    expect(url).toBe('/api/trpc/sync.exchange')
    expect(init.method).toBe('POST')
    expect(new Headers(init.headers).get('content-type')).toBe('application/json')
    expect(new Headers(init.headers).get('x-beamline-user')).toBe('ann')
    expect(JSON.parse(String(init.body))).toEqual(request)
  })

  test('[NET-1] a captive portal is not an empty answer', async () => {
    const portal = await exchange(respond(200, '<html>Welcome</html>', { 'content-type': 'text/html' }))
    expect(portal.kind).toBe('invalid')
    const json = await exchange(respond(200, { result: { data: answer } }, { 'content-type': 'application/json' }))
    expect(json.kind).toBe('invalid')
  })

  test('[NET-1] a body cut off at any byte changes nothing', async () => {
    const whole = JSON.stringify({ result: { data: answer } })
    for (let end = 0; end < whole.length; end += 1) {
      expect(await exchange(respond(200, whole.slice(0, end)))).toMatchObject({ kind: 'invalid' })
    }
  })

  test('[NET-1] an answer of another form is invalid', async () => {
    expect(await exchange(respond(200, { result: { data: { kind: 'sync' } } }))).toMatchObject({ kind: 'invalid' })
  })

  test('[NET-1] 401 means signed out, also in the words of tRPC', async () => {
    const error = {
      error: { message: 'Sign in first.', code: -32001, data: { code: 'UNAUTHORIZED', httpStatus: 401 } },
    }
    expect(await exchange(respond(401, error))).toEqual({ kind: 'signed-out' })
  })

  test('[NET-1] 401 of somebody else is not ours', async () => {
    expect(await exchange(respond(401, '{}', { 'content-type': 'application/json' }))).toMatchObject({
      kind: 'invalid',
    })
  })

  test('[NET-1] 429 and 5xx back off, as long as they ask', async () => {
    const busy = await exchange(respond(429, '', { 'retry-after': '7' }))
    expect(busy).toEqual({ kind: 'back-off', isRateLimit: true, retryAfterMs: 7_000 })
    const down = await exchange(respond(503, 'Bad gateway', { 'content-type': 'text/plain' }))
    expect(down).toEqual({ kind: 'back-off', isRateLimit: false, retryAfterMs: null })
  })

  test('413 says that the push is too large', async () => {
    expect(await exchange(respond(413, ''))).toEqual({ kind: 'too-large' })
  })

  test('[DEP-2] a refused envelope says whether the server speaks a newer protocol', async () => {
    const refused = { error: { message: 'no', code: -32600, data: { code: 'BAD_REQUEST', httpStatus: 400 } } }
    expect(await exchange(respond(400, refused, { ...ours, 'x-beamline': '2' }))).toEqual({
      kind: 'refused',
      message: 'The server runs a newer app.',
    })
    expect(await exchange(respond(400, refused))).toEqual({ kind: 'refused', message: 'The server refused with 400.' })
  })

  test('[NET-1] no network and a passed deadline are offline', async () => {
    const failed = await exchange(() => {
      throw new TypeError('Failed to fetch')
    })
    expect(failed).toEqual({ kind: 'offline' })
    const controller = new AbortController()
    const hanging: Reply = (_url, init) =>
      new Promise<Response>((_resolve, reject) => {
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        controller.abort()
      })
    expect(await exchange(hanging, controller.signal)).toEqual({ kind: 'offline' })
  })
})
