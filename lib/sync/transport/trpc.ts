import { createTRPCUntypedClient, httpLink, TRPCClientError } from '@trpc/client'
import { exchangeAnswer } from '../core/protocol'
import type { Transport } from '../device/transport'
import { invalid, type Refusal, refusalOf, refusalOfError } from './refusal'
import { fetchSnapshot } from './snapshot'

export interface TrpcTransportOptions {
  /** Where tRPC answers, for example `/api/trpc`. */
  readonly url: string
  /** Where large audiences are streamed, for example `/api/snapshot`. */
  readonly snapshotUrl: string
  /** Whose device this is. The server refuses a session of somebody else: cookies belong to the whole browser (DEV-1). */
  readonly userId: string
  readonly fetch?: typeof fetch
}

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
export function createTrpcTransport({ url, snapshotUrl, userId, fetch: ask = fetch }: TrpcTransportOptions): Transport {
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
    snapshot: (request, { signal }) => fetchSnapshot({ url: snapshotUrl, userId, ask, signal }, request),
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
  const refusal = refusalOf(response, 'application/json')
  if (refusal) throw new WireRefusal(refusal)
  return response
}

function outcomeOf(error: unknown): Refusal {
  const cause = error instanceof TRPCClientError ? error.cause : error
  return cause instanceof WireRefusal ? cause.outcome : refusalOfError(cause)
}
