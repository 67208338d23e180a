/**
 * From an HTTP request to the live tail of the log (SHP-1, SHP-3). Everything that answers under `/api/shapes/log` passes
 * here: whose session, how many at a time, and what caches may keep: nothing.
 *
 * A long poll costs a connection and a few kilobytes while it waits. Each person has a bounded number of them, so that
 * one program cannot take them all, and so has the process.
 */
import { TRPCError } from '@trpc/server'
import { callerOf } from './caller'
import type { Services } from './context'
import { answerHeaders } from './handler'
import { answeringErrors } from './public-error'
import { isSameSite } from './request-guard'
import { refuse } from './sync-errors'

const atOnceMax = { perUser: 32, perProcess: 20_000 }
/** Two positions of four hundred audiences, and room. */
const addressLengthMax = 16_384
const retryAfterS = 5

const underWay = new Map<string, number>()
let underWayCount = 0

/** Some platforms put a cache in front that looks at these alone. */
const noCacheHeaders = { 'cdn-cache-control': 'no-store', 'vercel-cdn-cache-control': 'no-store' }

export async function handleShape(
  request: Request,
  services: Pick<Services, 'getSession' | 'shape'>,
  origins: readonly string[],
): Promise<Response> {
  const answer = await answeringErrors('/api/shapes/log', async () => {
    if (!isSameSite(request.headers, origins)) throw new TRPCError({ code: 'FORBIDDEN' })
    if (request.url.length > addressLengthMax) throw new TRPCError({ code: 'BAD_REQUEST' })
    const user = await callerOf(services, request.headers)
    return counted(user.id, async () => {
      const parameters = new URL(request.url).searchParams
      const schema = request.headers.get('x-beamline-schema')
      return services.shape({ userId: user.id, parameters, schema, signal: request.signal }).catch(refuse)
    })
  })
  for (const [name, value] of Object.entries({ ...answerHeaders, ...noCacheHeaders })) answer.headers.set(name, value)
  return answer
}

async function counted(userId: string, answer: () => Promise<Response>): Promise<Response> {
  const own = underWay.get(userId) ?? 0
  if (own >= atOnceMax.perUser) return busy(429)
  if (underWayCount >= atOnceMax.perProcess) return busy(503)
  underWay.set(userId, own + 1)
  underWayCount += 1
  try {
    return await answer()
  } finally {
    underWayCount -= 1
    const left = (underWay.get(userId) ?? 1) - 1
    if (left > 0) underWay.set(userId, left)
    else underWay.delete(userId)
  }
}

function busy(status: number): Response {
  return Response.json(
    { message: 'Too many requests wait already.' },
    { status, headers: { 'retry-after': String(retryAfterS) } },
  )
}
