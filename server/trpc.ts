/**
 * The tRPC builder. You probably do not need to edit this: a new router starts from `signedIn`.
 *
 * Who may do what is decided here and in the database, never in a proxy in front of the routes (AB-35).
 */
import { initTRPC } from '@trpc/server'
import { callerOf } from './caller'
import type { Context } from './context'
import { publicError } from './public-error'

const trpc = initTRPC.context<Context>().create({ errorFormatter: ({ error }) => publicError(error) })

export const { router } = trpc

/** A procedure for the user of the session; without one it answers 401. */
export const signedIn = trpc.procedure.use(async ({ ctx, next }) =>
  next({ ctx: { ...ctx, user: await callerOf(ctx.services, ctx.headers) } }),
)
