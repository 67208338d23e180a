/**
 * The gatekeeper in front of Electric (SHP-1, SHP-2): which shape is asked for comes from the session alone; of the
 * caller's request only the words of the protocol go on. Electric reads with a role of its own and no row-level security
 * filters it: the `where` that is built here is the boundary.
 */
import { mustRefetch, type ShapeBounds } from '../../core/shape-protocol'
import { shapeColumns } from '../../core/shape-row'
import { ensureEpoch } from '../exchange'
import { withRetries } from '../retry'
import { stillReadable } from '../serving'
import { type HeldShape, readDefinition } from './definition'
import { type ReadingOptions, sharedIn } from './readings'
import type { ShapeRequest } from './server'

export interface GatekeeperOptions extends Omit<ReadingOptions, 'page'> {
  /** Where Electric answers. */
  readonly url: string
  readonly secret: string | null
  readonly fetch: typeof fetch
  /** Electric cannot be reached, or does not let this server in. */
  onFailure(error: unknown): void
}

/** Electric refuses addresses of more than about 10 kB. */
const bounds: ShapeBounds = { audiencesMax: 400, charactersMax: 8_500 }

/**
 * The protocol's own parameters that go on. Left out on purpose: subsets, which would read the log from before a grant,
 * and server-sent events, whose bytes leave long after the audiences were looked at.
 */
export const forwardedParameters = ['offset', 'handle', 'live', 'cursor', 'log', 'expired_handle', 'cache-buster']

export interface Gatekeeper {
  answer(request: ShapeRequest): Promise<Response>
}

export function createGatekeeper(options: GatekeeperOptions): Gatekeeper {
  const readDefinitionOf = (userId: string) =>
    withRetries(options, () =>
      options.store.read(async (tx) => {
        await stillReadable(options, tx)
        return readDefinition(sharedIn(tx), { userId, bounds })
      }),
    )
  return {
    async answer({ userId, parameters, signal }) {
      await ensureEpoch(options)
      const definition = await readDefinitionOf(userId)
      const upstream = await ask(options, upstreamUrl(options, definition, parameters), signal)
      if (upstream === null) return Response.json({ message: 'Try again later.' }, { status: 503, headers: retryAfter })
      // It may have waited for twenty seconds: before bytes leave, the audiences are looked at again (AUD-6).
      if ((await readDefinitionOf(userId)).handle !== definition.handle) {
        await upstream.body?.cancel()
        return Response.json([mustRefetch], { status: 409 })
      }
      return new Response(upstream.body, { status: upstream.status, headers: passedHeaders(upstream.headers) })
    },
  }
}

const retryAfter = { 'retry-after': '5' }
/** Of Electric, about this server: to the caller it would look like being signed out. */
const refusedStatuses = new Set([401, 403, 404])

/** Null: no answer that is worth passing on. */
async function ask({ fetch: send, onFailure }: GatekeeperOptions, url: URL, signal: AbortSignal) {
  try {
    const answer = await send(url, { signal, redirect: 'error' })
    if (!refusedStatuses.has(answer.status)) return answer
    await answer.body?.cancel()
    onFailure(new Error(`Electric answered ${answer.status}: check ELECTRIC_URL and ELECTRIC_SECRET.`))
  } catch (error) {
    // A reader who went away took the request along: nothing is wrong.
    if (!signal.aborted) onFailure(error)
  }
  return null
}

/** The address Electric is asked at. Pure. */
export function upstreamUrl(
  { url, secret }: Pick<GatekeeperOptions, 'url' | 'secret'>,
  { audiences, handle }: Pick<HeldShape, 'audiences' | 'handle'>,
  asked: URLSearchParams,
): URL {
  const target = new URL(`${url.replace(/\/$/, '')}/v1/shape`)
  const parameters = target.searchParams
  for (const name of forwardedParameters) {
    const value = asked.get(name)
    if (value !== null) parameters.set(name, value)
  }
  if (isBeforeNow(asked.get('offset'))) {
    parameters.set('offset', 'now')
    parameters.delete('handle')
  }
  const places = audiences.map((_, index) => `$${index + 1}`)
  parameters.set('table', 'sync.log')
  parameters.set('columns', shapeColumns.join(','))
  parameters.set('where', `audience IN (${places.join(',')}) AND seq > $${audiences.length + 1}`)
  for (const [index, { audience }] of audiences.entries()) parameters.set(`params[${index + 1}]`, audience)
  parameters.set(`params[${audiences.length + 1}]`, String(-membershipNumber(handle)))
  if (secret !== null) parameters.set('secret', secret)
  return target
}

/** The start of the log, or a part of the snapshot Electric made of it: entries from before a grant (AUD-5). */
function isBeforeNow(offset: string | null): boolean {
  return offset === '-1' || /^0_\d+$/.test(offset ?? '')
}

/**
 * Numbers begin at one, so `seq > -n` is true for every entry; but another membership of the same audiences is another
 * definition, and with it another shape: what came while a user was away is not to be had with the old handle.
 */
function membershipNumber(handle: string): number {
  return 1 + Number.parseInt(handle.slice(0, 12), 16)
}

/** Nothing that describes bytes `fetch` has unpacked already, or that this server says itself. */
const passedNames = new Set(['content-type', 'etag', 'retry-after'])

function passedHeaders(headers: Headers): Headers {
  return new Headers([...headers].filter(([name]) => name.startsWith('electric-') || passedNames.has(name)))
}
