/** For whom a request works. You probably do not need to edit this. */
import { TRPCError } from '@trpc/server'
import type { Services } from './context'
import type { Session } from './session'

/**
 * The user of the session; without one it throws 401. So it does when the caller works for another user: cookies belong
 * to the whole browser, and a tab in which Ann works must not send her actions as Ben, who signed in next to it (DEV-1).
 */
export async function callerOf(services: Pick<Services, 'getSession'>, headers: Headers): Promise<Session['user']> {
  const session = await services.getSession(headers)
  const callerWorksFor = headers.get('x-beamline-user')
  const isForAnother = callerWorksFor !== null && callerWorksFor !== encodeURIComponent(session?.user.id ?? '')
  if (session === null || isForAnother) throw new TRPCError({ code: 'UNAUTHORIZED' })
  return session.user
}
