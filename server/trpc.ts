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

/**
 * A procedure for the user of the session; without one it answers 401. So it does when the caller works for another
 * user: cookies belong to the whole browser, and a tab in which Ann works must not send her actions as Ben, who signed
 * in next to it (DEV-1).
 */
export const signedIn = trpc.procedure.use(async ({ ctx, next }) => {
  const session = await ctx.services.getSession(ctx.headers)
  const callerWorksFor = ctx.headers.get('x-beamline-user')
  const isForAnother = callerWorksFor !== null && callerWorksFor !== encodeURIComponent(session?.user.id ?? '')
  if (session === null || isForAnother) throw new TRPCError({ code: 'UNAUTHORIZED' })
  return next({ ctx: { ...ctx, user: session.user } })
})
