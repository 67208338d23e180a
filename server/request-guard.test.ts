import { TRPCError } from '@trpc/server'
import { describe, expect, test } from 'vitest'
import { guardRequest, isSameSite } from './request-guard'

const bounds = { origins: ['https://app.example.com'], bytesMax: 100 }
const ours = { 'content-type': 'application/json', origin: 'https://app.example.com' }

const outcomeOf = async (init: RequestInit): Promise<string> => {
  try {
    await guardRequest(new Request('https://app.example.com/api/trpc/sync.exchange', init), bounds)
    return 'passed'
  } catch (error) {
    if (error instanceof TRPCError) return error.code
    throw error
  }
}

describe('what a foreign page can make a browser send', () => {
  const contentTypes = {
    'application/json': 'passed',
    'Application/JSON; charset=utf-8': 'passed',
    'text/plain': 'UNSUPPORTED_MEDIA_TYPE',
    'text/plain; x=application/json': 'UNSUPPORTED_MEDIA_TYPE',
    'application/x-www-form-urlencoded': 'UNSUPPORTED_MEDIA_TYPE',
    'multipart/form-data; boundary=x': 'UNSUPPORTED_MEDIA_TYPE',
    'application/json-patch+json': 'UNSUPPORTED_MEDIA_TYPE',
  }
  const origins = {
    'https://app.example.com': true,
    'https://evil.example.com': false,
    'https://app.example.com.evil.example': false,
    'http://app.example.com': false,
    'https://app.example.com:8443': false,
    null: false,
  }
  for (const [contentType, whenOurs] of Object.entries(contentTypes)) {
    for (const [origin, isOurs] of Object.entries(origins)) {
      const expected = whenOurs === 'passed' && !isOurs ? 'FORBIDDEN' : whenOurs
      test(`[AB-33] ${contentType} from ${origin}: ${expected}`, async () => {
        const outcome = await outcomeOf({
          method: 'POST',
          headers: { 'content-type': contentType, origin },
          body: '{}',
        })
        expect(outcome).toBe(expected)
      })
    }
  }
})

test('[AB-33] without an origin, only what is no browser or says same-origin passes', () => {
  expect(isSameSite(new Headers(), bounds.origins)).toBe(true)
  expect(isSameSite(new Headers({ 'sec-fetch-site': 'same-origin' }), bounds.origins)).toBe(true)
  for (const site of ['cross-site', 'same-site', 'none']) {
    expect(isSameSite(new Headers({ 'sec-fetch-site': site }), bounds.origins)).toBe(false)
  }
})

test('[AB-33] GET and PUT never reach a procedure', async () => {
  expect(await outcomeOf({ method: 'GET', headers: ours })).toBe('METHOD_NOT_SUPPORTED')
  expect(await outcomeOf({ method: 'PUT', headers: ours, body: '{}' })).toBe('METHOD_NOT_SUPPORTED')
})

test('[AB-12] a body over the limit is refused by its length before it is read', async () => {
  const body = new ReadableStream({
    pull() {
      throw new Error('The body was read.')
    },
  })
  const headers = { ...ours, 'content-length': '101' }
  expect(await outcomeOf({ method: 'POST', headers, body, duplex: 'half' } as RequestInit)).toBe('PAYLOAD_TOO_LARGE')
})

test('[AB-12] a body that hides its length is read up to the limit and no further', async () => {
  let chunksRead = 0
  const body = new ReadableStream(
    {
      pull(controller) {
        chunksRead++
        controller.enqueue(new Uint8Array(40))
      },
    },
    { highWaterMark: 0 },
  )
  expect(await outcomeOf({ method: 'POST', headers: ours, body, duplex: 'half' } as RequestInit)).toBe(
    'PAYLOAD_TOO_LARGE',
  )
  expect(chunksRead).toBe(3)
})

test('[AB-13] deep, broken and non-UTF-8 bodies are refused', async () => {
  const post = (body: BodyInit) => outcomeOf({ method: 'POST', headers: ours, body })
  expect(await post('['.repeat(90))).toBe('BAD_REQUEST')
  expect(await post(new Uint8Array([0x22, 0xff, 0xfe, 0x22]))).toBe('BAD_REQUEST')
  expect(await post('{"__proto__":')).toBe('PARSE_ERROR')
})

test('[AB-14] what passes carries the body without keys that reach a prototype', async () => {
  const body = '{"a":1,"__proto__":{"polluted":true}}'
  const request = new Request('https://app.example.com/', { method: 'POST', headers: ours, body })
  const guarded = await guardRequest(request, bounds)
  expect(await guarded.text()).toBe('{"a":1}')
})
