/**
 * What a request must be before anything looks inside it: our own page's POST of bounded JSON.
 *
 * A browser sends cookies along with requests other sites make. It lets a foreign page send a form or plain text without
 * asking, but never `application/json`, and it always names the page's origin on a POST (AB-33). Sizes are checked on
 * the stream and shapes on the raw text, because parsing is what an oversized request wants us to do (AB-12, AB-13).
 */
import { TRPCError } from '@trpc/server'
import { jsonShapeProblem, withoutPrototypeKeys } from './json-shape'

export interface RequestBounds {
  readonly origins: readonly string[]
  readonly bytesMax: number
}

/** The same request with its body read and checked. Throws a `TRPCError` that says which check failed. */
export async function guardRequest(request: Request, bounds: RequestBounds): Promise<Request> {
  if (request.method !== 'POST') throw new TRPCError({ code: 'METHOD_NOT_SUPPORTED' })
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json') throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  if (!isSameSite(request.headers, bounds.origins)) throw new TRPCError({ code: 'FORBIDDEN' })

  const text = await readText(request, bounds.bytesMax)
  const problem = jsonShapeProblem(text)
  if (problem !== null) throw new TRPCError({ code: 'BAD_REQUEST', message: problem })
  return new Request(request.url, { method: 'POST', headers: request.headers, body: cleaned(text) })
}

/** Programs send no origin; they have no cookies of a victim either. `Sec-Fetch-Site` unmasks a browser that hides it. */
export function isSameSite(headers: Headers, origins: readonly string[]): boolean {
  const origin = headers.get('origin')
  if (origin !== null) return origins.includes(origin)
  const site = headers.get('sec-fetch-site')
  return site === null || site === 'same-origin'
}

/** Stops reading at the limit, so that a body of any size costs no more than the limit. */
export async function readText(request: Request, bytesMax: number): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE' })
  if (request.body === null) return ''
  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes += read.value.byteLength
    if (bytes > bytesMax) {
      await reader.cancel()
      throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE' })
    }
    chunks.push(read.value)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'The body is not UTF-8.', cause })
  }
}

function cleaned(text: string): string {
  try {
    return withoutPrototypeKeys(text)
  } catch (cause) {
    throw new TRPCError({ code: 'PARSE_ERROR', cause })
  }
}
