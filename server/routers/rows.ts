/**
 * First rows of named queries, for pages whose own database is not open yet. A request names a query of `lib/queries/named.ts`
 * and its input; it never has SQL, and never a user.
 */
import { TRPCError } from '@trpc/server'
import { drizzle } from 'drizzle-orm/pg-proxy'
import { schemaFingerprint } from '@/db/migrations'
import { namedQueries } from '@/lib/queries/named'
import { firstRowsRequest, statementHash } from '@/lib/sync/core/first-rows'
import { refuse } from '../sync-errors'
import { router, signedIn } from '../trpc'

/** A page asks for some ten at a time, and only where nothing is kept. */
const reads = { max: 300, windowMs: 60_000 }

/** Writes selects; runs nothing. */
const writer = drizzle(async () => ({ rows: [] }))

export const rows = router({
  first: signedIn.input(firstRowsRequest).query(async ({ ctx, input: { key, input, statement, schema } }) => {
    const query = namedQueries.get(key)
    if (query === undefined) throw new TRPCError({ code: 'NOT_FOUND' })
    const select = query(writer, input)
    if (select === null) throw new TRPCError({ code: 'BAD_REQUEST' })
    const own = select.toSQL()
    // Of another build: its columns would be taken for others.
    if (schema !== schemaFingerprint || statementHash(own) !== statement) throw new TRPCError({ code: 'CONFLICT' })
    if (!(await ctx.services.countUse(`rows.first:${ctx.user.id}`, reads)))
      throw new TRPCError({ code: 'TOO_MANY_REQUESTS' })
    const found = await ctx.services.firstRows(ctx.user.id, own).catch(refuse)
    if (found === null) throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE' })
    return { rows: found }
  }),
})
