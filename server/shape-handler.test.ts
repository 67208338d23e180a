import { describe, expect, test } from 'vitest'
import type { ShapeCall } from './context'
import { handleShape } from './shape-handler'

const origin = 'https://app.test'
const ann = { user: { id: 'ann', name: 'Ann', email: 'ann@example.com' } }

interface Asked {
  readonly headers?: Record<string, string>
  readonly address?: string
  readonly answer?: (call: ShapeCall) => Promise<Response>
}

function ask({ headers = { cookie: 'session=ann' }, address = '?offset=now', answer }: Asked = {}) {
  const calls: ShapeCall[] = []
  const services = {
    getSession: async (given: Headers) => (given.get('cookie') === 'session=ann' ? ann : null),
    shape: async (call: ShapeCall) => {
      calls.push(call)
      return answer ? answer(call) : Response.json([])
    },
  }
  const request = new Request(`${origin}/api/shapes/log${address}`, { headers })
  return { calls, answered: handleShape(request, services, [origin]) }
}

describe('the live tail over HTTP', () => {
  test('[FM-34] whatever the answer is, no cache may keep it', async () => {
    const answers = [
      ask(),
      ask({ headers: {} }),
      ask({ headers: { cookie: 'session=ann', origin: 'https://evil.test' } }),
      ask({
        answer: async () => Response.json([{}], { status: 409, headers: { 'cache-control': 'public, max-age=60' } }),
      }),
      ask({ answer: async () => Response.json({}, { status: 400 }) }),
      ask({ address: `?offset=${'p'.repeat(20_000)}` }),
    ]
    const seen: number[] = []
    for (const { answered } of answers) {
      const { status, headers } = await answered
      seen.push(status)
      expect(headers.get('cache-control')).toBe('private, no-store')
      expect(headers.get('vercel-cdn-cache-control')).toBe('no-store')
      expect(headers.get('vary')).toBe('Cookie')
      expect(headers.get('x-beamline')).toBe('1')
    }
    expect(seen).toEqual([200, 401, 403, 409, 400, 400])
  })

  test('[SHP-1] the user is that of the session, and a device of somebody else is signed out', async () => {
    const { calls, answered } = ask({
      address: '?offset=now&userId=ben',
      headers: { cookie: 'session=ann', 'x-beamline-user': 'ann' },
    })
    expect((await answered).status).toBe(200)
    expect(calls).toMatchObject([{ userId: 'ann' }])
    const other = ask({ headers: { cookie: 'session=ann', 'x-beamline-user': 'ben' } })
    expect((await other.answered).status).toBe(401)
    expect(other.calls).toEqual([])
  })

  test('[AB-33] another site cannot make a browser wait here', async () => {
    const { calls, answered } = ask({ headers: { cookie: 'session=ann', 'sec-fetch-site': 'cross-site' } })
    expect((await answered).status).toBe(403)
    expect(calls).toEqual([])
  })

  test('[AB-12] a person has a bounded number of requests at a time, and gets them back', async () => {
    const releases: (() => void)[] = []
    const answer = () =>
      new Promise<Response>((resolve) => {
        releases.push(() => resolve(Response.json([])))
      })
    const many = Array.from({ length: 40 }, () => ask({ answer }).answered)
    const refused = await Promise.all(many.slice(32))
    expect(refused.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual(
      Array(8).fill([429, '5']),
    )
    for (const release of releases) release()
    expect((await Promise.all(many.slice(0, 32))).map(({ status }) => status)).toEqual(Array(32).fill(200))
    expect((await ask().answered).status).toBe(200)
  })
})
