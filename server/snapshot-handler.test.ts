import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { protocolVersion, type SnapshotRequest } from '@/lib/sync/core/protocol'
import { snapshotType } from '@/lib/sync/core/snapshot-stream'
import type { Services } from './context'
import { handleSnapshot } from './snapshot-handler'

const origin = 'http://localhost:3000'
const asked: SnapshotRequest = {
  protocol: protocolVersion,
  clientId: '0198f000-0000-7000-8000-000000000001',
  schema: 'fingerprint',
  audience: 'project:1',
  pendingIds: [],
  lastOrdinal: 0,
}
const ours = { 'content-type': 'application/json', origin, cookie: 'session=ada' }

type Write = Awaited<ReturnType<Services['snapshot']>>['write']
let write: Write
let isShared: boolean
let calls: { userId: string; request: SnapshotRequest }[]
let uses: Map<string, number>
beforeEach(() => {
  ;[calls, uses, isShared] = [[], new Map(), false]
  write = async (sink) => {
    for (const piece of ['head\n', 'row\n', 'end\n']) await sink(piece)
    return true
  }
})

afterEach(() => {
  vi.restoreAllMocks()
})

const services = {
  getSession: async (headers: Headers) =>
    headers.get('cookie') === 'session=ada' ? { user: { id: 'ada', name: 'Ada', email: 'ada@example.com' } } : null,
  snapshot: async (userId: string, request: SnapshotRequest) => {
    calls.push({ userId, request })
    return { isShared, write: (sink: Parameters<Write>[0]) => write(sink) }
  },
  countUse: async (key: string, { max }: { max: number }) => {
    uses.set(key, (uses.get(key) ?? 0) + 1)
    return (uses.get(key) ?? 0) <= max
  },
}

function ask(body: unknown = asked, headers: Record<string, string> = ours): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return handleSnapshot(new Request(`${origin}/api/snapshot`, { method: 'POST', headers, body: text }), services, [
    origin,
  ])
}

const textOf = async (answer: Response) => gunzipSync(Buffer.from(await answer.arrayBuffer())).toString()

/** Everything that can be read before the stream breaks off, and whether it did. */
async function readUp(answer: Response): Promise<{ pieces: number; isBroken: boolean }> {
  const reader = answer.body?.getReader()
  let pieces = 0
  try {
    while (reader && !(await reader.read()).done) pieces += 1
    return { pieces, isBroken: false }
  } catch {
    return { pieces, isBroken: true }
  }
}

describe('a large audience over HTTP', () => {
  // First: where one was given up, its place is free a moment after its test.
  test('[SNAP-1] only a few at a time, and not too many of one person', async () => {
    let letGo = (): void => undefined
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    write = async (sink) => {
      await sink('head\n')
      await held
      return true
    }
    const answers = await Promise.all([ask(), ask(), ask(), ask()])
    expect((await ask()).status).toBe(503)
    letGo()
    for (const answer of answers) expect(await textOf(answer)).toBe('head\n')
    uses.set('snapshot:ada', 10_000)
    expect((await ask()).status).toBe(429)
  })

  test('[SNAP-1] is streamed, compressed and private', async () => {
    const answer = await ask()
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe(snapshotType)
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    expect(answer.headers.get('vary')).toBe('Cookie')
    expect(answer.headers.get('x-beamline')).toBe('1')
    expect(await textOf(answer)).toBe('head\nrow\nend\n')
    expect(calls).toEqual([{ userId: 'ada', request: asked }])
  })

  test('[SNAP-1] is written no faster than it is taken, so that memory does not grow with the rows', async () => {
    // What no compression makes small.
    const piece = Array.from({ length: 20_000 }, (_, index) => Math.imul(index, 2_654_435_761).toString(36)).join('')
    let written = 0
    write = async (sink) => {
      for (; written < 500; written += 1) await sink(piece)
      return true
    }
    const answer = await ask()
    const reader = answer.body?.getReader()
    await reader?.read()
    await new Promise((resolve) => setImmediate(resolve))
    expect(written).toBeLessThan(100)
    await reader?.cancel()
  })

  test('[SNAP-1] a database with one connection is not kept waiting by a slow reader', async () => {
    isShared = true
    let isWritten = false
    write = async (sink) => {
      for (let count = 0; count < 500; count += 1) await sink('x'.repeat(10_000))
      isWritten = true
      return true
    }
    const answer = await ask()
    await expect.poll(() => isWritten).toBe(true)
    expect((await textOf(answer)).length).toBe(5_000_000)
  })

  test('[AUD-5, AB-23] one that is not held is answered like one that does not exist', async () => {
    write = async () => false
    const answer = await ask()
    expect(answer.status).toBe(404)
    expect(await answer.text()).not.toContain('project')
  })

  test('[NET-1, FM-31] a read that fails on the way breaks the stream off, it does not end it', async () => {
    write = async (sink) => {
      await sink('head\n')
      throw new Error('connection lost')
    }
    const answer = await ask()
    expect(await readUp(answer)).toMatchObject({ isBroken: true })
  })

  test('[NET-1] a read that fails before the first text is an ordinary error that leaks nothing', async () => {
    write = async () => {
      throw new Error('password=secret')
    }
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const answer = await ask()
    expect(answer.status).toBe(500)
    expect(logged.mock.calls[0]?.[1]).toMatchObject({ message: 'password=secret' })
    expect(await answer.text()).not.toContain('secret')
  })

  test.each([
    { what: 'without a session', body: asked, headers: { ...ours, cookie: '' }, status: 401 },
    { what: 'for another user', body: asked, headers: { ...ours, 'x-beamline-user': 'ben' }, status: 401 },
    { what: 'from another origin', body: asked, headers: { ...ours, origin: 'https://evil.example.com' }, status: 403 },
    { what: 'that is no JSON', body: '{', headers: ours, status: 400 },
    { what: 'with a word too many', body: { ...asked, userId: 'ben' }, headers: ours, status: 400 },
    { what: 'of another protocol', body: { ...asked, protocol: 99 }, headers: ours, status: 400 },
  ])('[NET-1, AB-04] a request $what does no work', async ({ body, headers, status }) => {
    expect((await ask(body, headers)).status).toBe(status)
    expect(calls).toEqual([])
  })
})
