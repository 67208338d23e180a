/**
 * From an HTTP request to a large audience as a compressed stream (SNAP-1). Everything that answers under
 * `/api/snapshot` passes here.
 *
 * The read is one transaction and lasts as long as the transfer, so there are only a few at a time, and none for ever. A
 * database with one connection cannot wait for a slow reader: there the compressed text is kept in memory instead.
 */
import { TRPCError } from '@trpc/server'
import { limits, snapshotRequest } from '@/lib/sync/core/protocol'
import { snapshotType } from '@/lib/sync/core/snapshot-stream'
import { callerOf } from './caller'
import type { Services } from './context'
import { answerHeaders } from './handler'
import { answeringErrors, readJson } from './public-error'
import { guardRequest } from './request-guard'
import { refuse } from './sync-errors'

const atOnceMax = 4
const transferMsMax = 5 * 60_000
const perUser = { max: 300, windowMs: 60 * 60_000 }
let underWay = 0

export async function handleSnapshot(
  request: Request,
  services: Pick<Services, 'getSession' | 'snapshot' | 'countUse'>,
  origins: readonly string[],
): Promise<Response> {
  const answer = await answeringErrors('/api/snapshot', async () => {
    const guarded = await guardRequest(request, { origins, bytesMax: limits.requestBytesMax })
    const user = await callerOf(services, guarded.headers)
    const asked = snapshotRequest.safeParse(await readJson(guarded))
    if (!asked.success) throw new TRPCError({ code: 'BAD_REQUEST' })
    if (!(await services.countUse(`snapshot:${user.id}`, perUser))) throw new TRPCError({ code: 'TOO_MANY_REQUESTS' })
    const writing = await services.snapshot(user.id, asked.data)
    // Asked last: nobody else begins between this and the count.
    if (underWay >= atOnceMax) throw new TRPCError({ code: 'SERVICE_UNAVAILABLE' })
    return streamed(writing).catch(refuse)
  })
  for (const [name, value] of Object.entries(answerHeaders)) answer.headers.set(name, value)
  return answer
}

type Writing = Awaited<ReturnType<Services['snapshot']>>

/** Answers when the first text is there, so that what goes wrong before it is an ordinary error. */
async function streamed({ isShared, write }: Writing): Promise<Response> {
  const gzip = new CompressionStream('gzip')
  const writer = gzip.writable.getWriter()
  const encoder = new TextEncoder()
  // Taken as fast as it comes, compressed, where nobody may be waited for.
  const kept = new CountQueuingStrategy({ highWaterMark: isShared ? Number.POSITIVE_INFINITY : 4 })
  const body = gzip.readable.pipeThrough(new TransformStream({}, undefined, kept))
  const timer = setTimeout(() => void writer.abort(new Error('The snapshot took too long.')), transferMsMax)
  underWay += 1
  const isHeld = await new Promise<boolean>((resolve, reject) => {
    const done = write(async (text) => {
      resolve(true)
      await writer.write(encoder.encode(text))
    })
    done
      .then(async (isWritten) => {
        resolve(isWritten)
        await writer.close()
      })
      .catch(async (error: unknown) => {
        reject(error)
        // Who reads sees a stream that breaks off, not one that ends.
        await writer.abort(error).catch(() => undefined)
      })
      .finally(() => {
        clearTimeout(timer)
        underWay -= 1
      })
  })
  if (!isHeld) throw new TRPCError({ code: 'NOT_FOUND' })
  return new Response(body, { headers: { 'content-type': snapshotType, 'content-encoding': 'gzip' } })
}
