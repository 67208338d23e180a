/**
 * People with an account. Names travel in rows that actions write, so that they are there offline; this is only asked
 * online, when a person is added by e-mail.
 */
import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { router, signedIn } from '../trpc'

/** Whoever asks learns whether an address has an account, so nobody may ask for many (AB-23). */
const lookups = { max: 30, windowMs: 60_000 }

const lookupInput = z.strictObject({ email: z.email().max(254).toLowerCase() })

export const people = router({
  me: signedIn.query(({ ctx }) => ctx.user),

  lookup: signedIn.input(lookupInput).query(async ({ ctx, input }) => {
    const isWithinLimit = await ctx.services.countUse(`people.lookup:${ctx.user.id}`, lookups)
    if (!isWithinLimit) throw new TRPCError({ code: 'TOO_MANY_REQUESTS' })
    return ctx.services.findPerson(input.email)
  }),
})
