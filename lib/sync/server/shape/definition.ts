/** What a user follows, as one consistent read finds it: the boundary of every shape (SHP-1, AUD-6). */
import { userAudience } from '../../core/audience'
import {
  followedAudiences,
  type ShapeAudience,
  type ShapeBounds,
  type ShapeDefinition,
  shapeHandle,
} from '../../core/shape-protocol'
import type { SharedReads } from './readings'

export interface HeldShape extends ShapeDefinition {
  /** Followed or not. */
  readonly held: readonly string[]
}

export async function readDefinition(
  reads: Pick<SharedReads, 'held' | 'heads' | 'since' | 'epoch'>,
  { userId, bounds }: { readonly userId: string; readonly bounds: ShapeBounds },
): Promise<HeldShape> {
  const held = await reads.held(userId)
  const heads = await reads.heads(held)
  const since = await reads.since(userId)
  const known = held.flatMap((audience) => heads.get(audience) ?? [])
  const followed = followedAudiences(known, { own: userAudience(userId), bounds })
  const audiences = followed.map((audience): ShapeAudience => {
    const { head, floor } = heads.get(audience) ?? { head: 0, floor: 0 }
    return { audience, since: since.get(audience) ?? 0, floor, head }
  })
  return { handle: shapeHandle(audiences, { userId, epoch: await reads.epoch() }), audiences, held }
}
