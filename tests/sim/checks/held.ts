import type { ServerLook } from '../ground'

/** Naively: rows of members, the private audience and the public one. */
export function heldBy({ rows }: Pick<ServerLook, 'rows'>, userId: string): Set<string> {
  const held = new Set([`user:${userId}`, 'public'])
  for (const { table, image } of rows.values()) {
    if (table === 'members' && image.user_id === userId && image.audience) held.add(image.audience)
  }
  return held
}
