/** What a user follows, as one consistent read finds it: the boundary of every shape (SHP-1, AUD-6). */
import { userAudience } from '../../core/audience'
import {
  followedAudiences,
  type ShapeAudience,
  type ShapeBounds,
  type ShapeDefinition,
  shapeHandle,
} from '../../core/shape-protocol'
import type { ServerTransaction } from '../../store/server/transaction'

export interface HeldShape extends ShapeDefinition {
  /** Followed or not. */
  readonly held: readonly string[]
}

export async function readDefinition(
  tx: ServerTransaction,
  { userId, bounds }: { readonly userId: string; readonly bounds: ShapeBounds },
): Promise<HeldShape> {
  const held = await tx.rows.heldAudiences(userId)
  const heads = await tx.log.readHeads(held)
  const since = await tx.grants.grantsSince(userId)
  const epoch = (await tx.history.readEpoch()) ?? ''
  const followed = followedAudiences([...heads.values()], { own: userAudience(userId), bounds })
  const audiences = followed.map((audience): ShapeAudience => {
    const { head, floor } = heads.get(audience) ?? { head: 0, floor: 0 }
    return { audience, since: since.get(audience) ?? 0, floor, head }
  })
  return { handle: shapeHandle(audiences, { userId, epoch }), audiences, held }
}
