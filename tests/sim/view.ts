/** What a person of the simulated world sees when choosing what to do next: the rows on their device. */
import type { Build } from './app/actions'
import type { Row } from './app/rows'
import type { View } from './app/situation'
import type { RowLook } from './ground'

export const userIds = ['ann', 'ben', 'cleo', 'dora'] as const

export interface Sight {
  readonly userId: string
  readonly build: Build
  readonly rows: RowLook
  readonly audiences: Iterable<string>
  /** Rooms heard of before; grows. */
  readonly knownRooms: Set<string>
}

export function viewOf({ userId, build, rows, audiences, knownRooms }: Sight): View {
  const rooms = [...audiences].filter((audience) => audience.startsWith('room:')).sort()
  for (const room of rooms) knownRooms.add(room)
  return {
    build,
    userId,
    otherUserIds: userIds.filter((other) => other !== userId),
    rooms,
    knownRooms: [...knownRooms],
    rows: (table, audience) => {
      const found: Row[] = []
      for (const row of rows.values()) {
        if (row.table === table && row.image.audience === audience) found.push(row.image as Row)
      }
      return found.sort((left, right) => (left.id < right.id ? -1 : 1))
    },
  }
}
