/**
 * From an HTTP request to the auth library and back, with a bound on the body, and for our own pages only: a foreign
 * page must not even be able to sign somebody in, as somebody else (AB-33).
 */
import { TRPCError } from '@trpc/server'
import { serverAuth } from './auth'
import { env, trustedOrigins } from './env'
import { answeringErrors } from './public-error'
import { isSameSite, readText } from './request-guard'

/** Names and passwords; nothing here is long. */
const bytesMax = 16 * 1024

export function handleAuth(request: Request): Promise<Response> {
  return answeringErrors('/api/auth', async () => {
    const auth = await serverAuth()
    if (request.method === 'GET') return auth.handler(request)
    if (!isSameSite(request.headers, trustedOrigins(env().appUrl))) throw new TRPCError({ code: 'FORBIDDEN' })
    const body = await readText(request, bytesMax)
    return auth.handler(new Request(request.url, { method: 'POST', headers: request.headers, body }))
  })
}
