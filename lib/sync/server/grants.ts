/**
 * Since which number a user holds an audience. A cursor from before it belongs to an earlier membership: it gets a
 * snapshot, never the log from in between (AUD-4, AUD-5).
 */
import { capturedColumnText, type NetChange } from '../core/images'
import type { SyncModel } from '../model'
import type { GrantPair } from '../store/server/grants'
import type { AudienceHead } from '../store/server/log'
import type { ServerTransaction } from '../store/server/transaction'

/**
 * Looks only at changes of granted tables: most ingests have none. A membership that ended and began again inside one
 * push began anew: the log tells that push action by action, also what was there in between (CX-32).
 */
export async function noteGrants(
  tx: ServerTransaction,
  model: SyncModel,
  {
    changes,
    heads,
  }: {
    /** In log order, a list for each entry that tells of them. */
    readonly changes: readonly (readonly NetChange[])[]
    readonly heads: ReadonlyMap<string, AudienceHead>
  },
): Promise<void> {
  const pairs = new Map<string, GrantPair>()
  for (const told of changes) {
    for (const [key, { user_id, audience }] of concernedPairs(model, told)) {
      const times = (pairs.get(key)?.times ?? 0) + 1
      pairs.set(key, { user_id, audience, since: heads.get(audience)?.head ?? 0, times })
    }
  }
  if (pairs.size === 0) return
  await tx.grants.renewGrants([...pairs.values()])
}

function concernedPairs(model: SyncModel, changes: readonly NetChange[]) {
  const pairs = new Map<string, { readonly user_id: string; readonly audience: string }>()
  for (const { table, before, after } of changes) {
    const columns = model.grants.filter((grant) => grant.table === table).map((grant) => grant.userColumn)
    for (const column of columns) {
      for (const row of [before, after]) {
        const user_id = capturedColumnText(row, column)
        const audience = capturedColumnText(row, 'audience')
        if (user_id !== null && audience !== null) pairs.set(JSON.stringify([user_id, audience]), { user_id, audience })
      }
    }
  }
  return pairs
}
