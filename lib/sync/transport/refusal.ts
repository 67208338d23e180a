/** What answers of HTTP mean that are none: for everything a device asks of the server (NET-1). */
import { protocolVersion } from '../core/protocol'
import type { TransportOutcome } from '../device/transport'

export type Refusal = Exclude<TransportOutcome, { kind: 'answer' }>

/** Null: it is an answer of ours, of that content type. Gateways in front of the server answer some without its mark. */
export function refusalOf(response: Response, contentType: string): Refusal | null {
  const { status, headers } = response
  if (status === 413) return { kind: 'too-large' }
  if (status === 429 || status >= 500) {
    return { kind: 'back-off', isRateLimit: status === 429, retryAfterMs: retryAfterMs(headers.get('retry-after')) }
  }
  if (headers.get('x-beamline') === null) return invalid(`Somebody else answered, with status ${status}.`)
  if (status === 401) return { kind: 'signed-out' }
  if (status >= 400) {
    const isNewer = Number(headers.get('x-beamline')) !== protocolVersion
    return { kind: 'refused', message: isNewer ? 'The server runs a newer app.' : `The server refused with ${status}.` }
  }
  if (!headers.get('content-type')?.startsWith(contentType)) return invalid(`The answer is not ${contentType}.`)
  return null
}

/** What a failed fetch means: it throws a TypeError without network, and an AbortError at the deadline. */
export function refusalOfError(cause: unknown): Refusal {
  // A truncated body is a SyntaxError.
  if (cause instanceof SyntaxError) return invalid('The answer was cut off.')
  if (cause instanceof TypeError || isAbort(cause)) return { kind: 'offline' }
  return invalid(cause instanceof Error ? cause.message : String(cause))
}

export function invalid(message: string): Refusal {
  return { kind: 'invalid', message }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
}

/** In seconds, or as a date; a date is left to our own back-off. */
function retryAfterMs(header: string | null): number | null {
  const seconds = Number(header)
  return header !== null && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null
}
