/**
 * From an HTTP request to a procedure and back. Everything that answers under `/api/trpc` passes here.
 */
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { limits, protocolVersion } from '@/lib/sync/core/protocol'
import type { Services } from './context'
import { answeringErrors, logFailure } from './public-error'
import { guardRequest } from './request-guard'
import { appRouter } from './root'

const endpoint = '/api/trpc'

/**
 * On every answer of ours, failures too: a device that does not find `x-beamline` talks to somebody else, such as the
 * sign-in page of a hotel network, and treats that as being offline (NET-1).
 */
export const answerHeaders = {
  'x-beamline': String(protocolVersion),
  'cache-control': 'private, no-store',
  vary: 'Cookie',
}

export async function handleTrpc(request: Request, services: Services, origins: readonly string[]): Promise<Response> {
  const answer = await answerTo(request, services, origins)
  for (const [name, value] of Object.entries(answerHeaders)) answer.headers.set(name, value)
  return answer
}

function answerTo(request: Request, services: Services, origins: readonly string[]): Promise<Response> {
  return answeringErrors(endpoint, async () => {
    const guarded = await guardRequest(request, { origins, bytesMax: limits.requestBytesMax })
    return fetchRequestHandler({
      endpoint,
      req: guarded,
      router: appRouter,
      createContext: () => ({ services, headers: guarded.headers }),
      allowBatching: false,
      // Queries too come as POST: a GET could be made by an image of a foreign page.
      allowMethodOverride: true,
      onError: ({ error, path }) => logFailure(error, path ?? '?'),
    })
  })
}
