/** The live tail of a world's server over real HTTP on loopback, as devices of its people reach it. */

import { schedule } from '@/app/_engine/schedule'
import { schemaFingerprint } from '@/db/migrations'
import { model } from '@/db/model'
import type { TailSource } from '@/lib/sync/device/tail-source'
import { createServerEngine, type PageBounds } from '@/lib/sync/server/engine'
import { createGatekeeper } from '@/lib/sync/server/shape/gatekeeper'
import { createShapeServer } from '@/lib/sync/server/shape/server'
import type { LogWatch } from '@/lib/sync/server/shape/watch'
import type { Store } from '@/lib/sync/store/driver'
import { createServerStore } from '@/lib/sync/store/server/transaction'
import { createShapeTail } from '@/lib/sync/transport/shape-tail'
import type { ShapeCall } from '@/server/context'
import { handleShape } from '@/server/shape-handler'
import { serveOnLoopback } from './loopback'
import type { World } from './world'

export interface ShapesOptions {
  readonly holdMs?: number
  /** Of this process; another one is not woken by ingests here. */
  readonly watch?: LogWatch
  /** Another connection to the same database, as another process has it. */
  readonly store?: Store
  readonly page?: PageBounds
  /** Electric answers, and this server is its gatekeeper. */
  readonly electricUrl?: string
  /** What stands between: a proxy of somebody else's. */
  readonly through?: (request: Request, pass: (request: Request) => Promise<Response>) => Promise<Response>
}

export interface Shapes {
  readonly url: string
  underWay(): number
  /** Requests so far, oldest first. */
  readonly asked: readonly URL[]
  /** As the browser of this person asks: with the cookie of their session. */
  fetchAs(userId: string): typeof fetch
  tailOf(userId: string): TailSource
  close(): Promise<void>
}

export async function serveShapes(world: World, options: ShapesOptions = {}): Promise<Shapes> {
  const asked: URL[] = []
  const services = {
    getSession: async (headers: Headers) => sessionOf(headers.get('cookie')),
    shape: createAnswer(world, options),
  }
  const handle = (request: Request) => {
    asked.push(new URL(request.url))
    return handleShape(request, services, [])
  }
  const { through = (request, pass) => pass(request) } = options
  const loopback = await serveOnLoopback((request) => through(request, handle))
  const url = `${loopback.origin}/api/shapes/log`
  const fetchAs = (userId: string) => fetchWithCookie(`user=${userId}`)
  return {
    ...{ url, asked, fetchAs },
    underWay: loopback.underWay,
    tailOf: (userId) =>
      createShapeTail({ url, userId, schema: schemaFingerprint, newId: world.newId, fetch: fetchAs(userId) }),
    close: loopback.close,
  }
}

/** What `server/sync.ts` puts together for the real server. */
function createAnswer(world: World, { watch = world.watch, electricUrl, ...options }: ShapesOptions) {
  const engine = createServerEngine({
    ...{ store: createServerStore(options.store ?? world.store, model), actions: [], model, build: 'build-1' },
    ...{ now: Date.now, newId: world.newId, random: world.random, pause: async () => undefined },
    schema: schemaFingerprint,
    ...(options.page && { page: options.page }),
  })
  const gatekeeper = electricUrl && createGatekeeper({ ...engine, url: electricUrl, ...electric })
  const shapes = createShapeServer({ ...engine, watch, schedule, ...(options.holdMs && { holdMs: options.holdMs }) })
  return async ({ schema, ...call }: ShapeCall): Promise<Response> => {
    if (schema !== schemaFingerprint) return Response.json({}, { status: 400 })
    if (gatekeeper) return gatekeeper.answer(call)
    const { status, headers, body } = await shapes.answer(call)
    return new Response(body, { status, headers })
  }
}

const electric = { secret: process.env.ELECTRIC_SECRET ?? null, fetch, onFailure: () => undefined }

function fetchWithCookie(cookie: string): typeof fetch {
  return (target, init) => {
    const headers = new Headers(init?.headers)
    headers.set('cookie', cookie)
    return fetch(target, { ...init, headers })
  }
}

function sessionOf(cookie: string | null) {
  const id = cookie?.match(/^user=(.+)$/)?.[1]
  return id === undefined ? null : { user: { id, name: id, email: `${id}@example.com` } }
}
