import { createTRPCUntypedClient, httpLink, TRPCClientError } from '@trpc/client'
import { exchangeAnswer, protocolVersion } from '../core/protocol'
import type { Transport, TransportOutcome } from '../device/transport'

export interface TrpcTransportOptions {
  /** Where tRPC answers, for example `/api/trpc`. */
  readonly url: string
  /** Whose device this is. The server refuses a session of somebody else: cookies belong to the whole browser (DEV-1). */
  readonly userId: string
  readonly fetch?: typeof fetch
}

type Refusal = Exclude<TransportOutcome, { kind: 'answer' }>

/** What the wire said before tRPC could look at it. */
class WireRefusal extends Error {
  override readonly name = 'WireRefusal'
  constructor(readonly outcome: Refusal) {
    super(`The exchange was not answered: ${outcome.kind}`)
  }
}

/**
 * `sync.exchange` over tRPC, on a plain unbatched link: one POST of JSON, one answer. Everything that can go wrong on
 * the way becomes one of a closed set of outcomes (NET-1). The server marks each of its answers, failures too, with
 * `x-beamline`: what does not carry it comes from somebody else, such as the sign-in page of a hotel network.
 */
export function createTrpcTransport({ url, userId, fetch: ask = fetch }: TrpcTransportOptions): Transport {
  const client = createTRPCUntypedClient({
    links: [
      httpLink({
        url,
        headers: { 'x-beamline-user': encodeURIComponent(userId) },
        fetch: (target, init) => answered(ask, target, init as RequestInit),
      }),
    ],
  })
  return {
    exchange: async (request, { signal }) => {
      try {
        const answer = exchangeAnswer.safeParse(await client.mutation('sync.exchange', request, { signal }))
        if (answer.success) return { kind: 'answer', answer: answer.data }
        return invalid('The answer has another form than this app knows.')
      } catch (error) {
        return outcomeOf(error)
      }
    },
  }
}

async function answered(ask: typeof fetch, target: RequestInfo | URL | string, init: RequestInit): Promise<Response> {
  const response = await ask(target, { ...init, credentials: 'same-origin', cache: 'no-store', redirect: 'error' })
  const refusal = refusalOf(response)
  if (refusal) throw new WireRefusal(refusal)
  return response
}

function refusalOf(response: Response): Refusal | null {
  const { status, headers } = response
  // Gateways in front of the server answer these without its mark.
  if (status === 413) return { kind: 'too-large' }
  if (status === 429 || status >= 500) {
    return { kind: 'back-off', isRateLimit: status === 429, retryAfterMs: retryAfterMs(headers.get('retry-after')) }
  }
  if (headers.get('x-beamline') === null) return invalid(`Somebody else answered, with status ${status}.`)
  if (!headers.get('content-type')?.startsWith('application/json')) return invalid('The answer is not JSON.')
  if (status === 401) return { kind: 'signed-out' }
  if (status >= 400) {
    const isNewer = Number(headers.get('x-beamline')) !== protocolVersion
    return { kind: 'refused', message: isNewer ? 'The server runs a newer app.' : `The server refused with ${status}.` }
  }
  return null
}

function outcomeOf(error: unknown): Refusal {
  const cause = error instanceof TRPCClientError ? error.cause : error
  if (cause instanceof WireRefusal) return cause.outcome
  // fetch throws a TypeError without network, and an AbortError at the deadline. A truncated body is a SyntaxError.
  if (cause instanceof SyntaxError) return invalid('The answer was cut off.')
  if (cause instanceof TypeError || isAbort(cause)) return { kind: 'offline' }
  return invalid(cause instanceof Error ? cause.message : String(cause))
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
}

/** In seconds, or as a date; a date is left to our own back-off. */
function retryAfterMs(header: string | null): number | null {
  const seconds = Number(header)
  return header !== null && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null
}

function invalid(message: string): Refusal {
  return { kind: 'invalid', message }
}
