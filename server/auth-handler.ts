/**
 * From an HTTP request to the auth library and back, with a bound on the body. The library checks origins itself.
 */
import { serverAuth } from './auth'
import { answeringErrors } from './public-error'
import { readText } from './request-guard'

/** Names and passwords; nothing here is long. */
const bytesMax = 16 * 1024

export function handleAuth(request: Request): Promise<Response> {
  return answeringErrors(async () => {
    const auth = await serverAuth()
    if (request.method === 'GET') return auth.handler(request)
    const body = await readText(request, bytesMax)
    return auth.handler(new Request(request.url, { method: 'POST', headers: request.headers, body }))
  })
}
