import { drizzle } from 'drizzle-orm/pg-proxy'
import { beforeEach, describe, expect, test } from 'vitest'
import { schemaFingerprint } from '@/db/migrations'
import { boardIssues } from '@/lib/queries/selects'
import { firstRowsLimits, statementHash } from '@/lib/sync/core/first-rows'
import type { Services } from '../context'
import { handleTrpc } from '../handler'

const origin = 'http://localhost:3000'
const projectId = '0198f000-0000-7000-8000-000000000001'
const own = boardIssues(
  drizzle(async () => ({ rows: [] })),
  projectId,
).toSQL()
const asked = { key: 'board', input: { projectId }, statement: statementHash(own), schema: schemaFingerprint }
const ours = { 'content-type': 'application/json', origin, cookie: 'session=ada' }

let reads: { userId: string; statement: { sql: string; params: readonly unknown[] } }[]
let answer: Awaited<ReturnType<Services['firstRows']>>
let usesLeft: number
beforeEach(() => {
  ;[reads, answer, usesLeft] = [[], [['Mast', 1, true, null]], 300]
})

const services = {
  getSession: async (headers: Headers) =>
    headers.get('cookie') === 'session=ada' ? { user: { id: 'ada', name: 'Ada', email: 'ada@example.com' } } : null,
  firstRows: async (userId: string, statement: (typeof reads)[number]['statement']) => {
    reads.push({ userId, statement })
    return answer
  },
  countUse: async () => {
    usesLeft -= 1
    return usesLeft >= 0
  },
} as unknown as Services

async function ask(body: unknown = asked, headers: Record<string, string> = ours) {
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  const response = await handleTrpc(new Request(`${origin}/api/trpc/rows.first`, init), services, [origin])
  return { status: response.status, text: await response.text() }
}

describe('first rows', () => {
  test('[LIVE-2, AB-04] are those of the session’s user, by the server’s own statement', async () => {
    const { status, text } = await ask()
    expect(status).toBe(200)
    expect(JSON.parse(text)).toEqual({ result: { data: { rows: [['Mast', 1, true, null]] } } })
    expect(reads).toEqual([{ userId: 'ada', statement: own }])
  })

  test('[LIVE-2] without a session, or for another user than that of the session, are refused', async () => {
    expect((await ask(asked, { ...ours, cookie: '' })).status).toBe(401)
    expect((await ask(asked, { ...ours, 'x-beamline-user': 'ben' })).status).toBe(401)
    expect(reads).toEqual([])
  })

  test.each([
    ['a name nobody knows', { key: 'users' }, 404],
    ['a name every object has', { key: 'constructor' }, 404],
    ['an input that is none', { input: { projectId: "' or true --" } }, 400],
    ['an input of another query', { input: { issueId: projectId } }, 400],
    ['more input than asked for', { input: { projectId, audience: 'project:2' } }, 400],
    ['a huge input', { input: { projectId: 'x'.repeat(firstRowsLimits.inputMax + 1) } }, 400],
    ['many inputs', { input: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`k${n}`, ''])) }, 400],
    ['SQL', { sql: 'select * from auth.user' }, 400],
    ['a user', { userId: 'ben' }, 400],
    ['another build’s query', { statement: statementHash({ ...own, sql: `${own.sql} limit 1` }) }, 409],
    ['another build’s tables', { schema: 'others' }, 409],
    ['a hash that is none', { statement: 'x' }, 400],
  ])('[LIVE-2, AB-15] %s reads nothing', async (_what, change, status) => {
    const answered = await ask({ ...asked, ...change })
    expect(answered.status).toBe(status)
    expect(answered.text).not.toContain('select')
    expect(reads).toEqual([])
  })

  test('[LIVE-2, AB-12] a body of megabytes is refused before anything looks at it', async () => {
    expect((await ask({ ...asked, key: 'x'.repeat(5_000_000) })).status).toBe(413)
  })

  test('[LIVE-2] too many, or too often, is said, and half of a list is never sent', async () => {
    answer = null
    expect((await ask()).status).toBe(413)
    usesLeft = 0
    expect((await ask()).status).toBe(429)
  })
})
