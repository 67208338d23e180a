/**
 * The tRPC builder. You probably do not need to edit this: a new router starts from `signedIn`.
 *
 * Who may do what is decided here and in the database, never in a proxy in front of the routes (AB-35).
 */
import { initTRPC, TRPCError } from '@trpc/server'
import type { Context } from './context'
import { publicError } from './public-error'

const trpc = initTRPC.context<Context>().create({ errorFormatter: ({ error }) => publicError(error) })

export const { router } = trpc

/** A procedure for the user of the session; without one it answers 401. */
export const signedIn = trpc.procedure.use(async ({ ctx, next }) => {
  const session = await ctx.services.getSession(ctx.headers)
  if (session === null) throw new TRPCError({ code: 'UNAUTHORIZED' })
  return next({ ctx: { ...ctx, user: session.user } })
})
