/**
 * The way between devices and the authority. The author of every action is the session's user: a request has no field
 * for it (AB-04).
 */
import { exchangeRequest } from '@/lib/sync/core/protocol'
import { refuse } from '../sync-errors'
import { router, signedIn } from '../trpc'

export const sync = router({
  exchange: signedIn
    .input(exchangeRequest)
    .mutation(({ ctx, input }) => ctx.services.exchange(ctx.user.id, input).catch(refuse)),
})
