/**
 * When a device compares its rows with the server's, audience by audience (CON-1). Pure. Now and then, a few in each
 * exchange, so that neither side ever does much at once; or all of them when a person asks.
 */
import { limits } from './protocol'

export interface DigestQuestion {
  /** Of the cursors. */
  readonly audiences: readonly string[]
  /** What is still to be compared in this round; null between rounds. */
  readonly left: readonly string[] | null
  /** When the last round ended, or counting began; null for a new device. Milliseconds of this device's own clock. */
  readonly checkedAtMs: number | null
  readonly nowMs: number
}

export interface DigestPlan {
  /** To be compared with the next exchange. */
  readonly ask: readonly string[]
  readonly left: readonly string[] | null
  /** A round ended, or there is nothing yet to have been checked: counting begins now. */
  readonly isDone: boolean
}

/** At most once a day by itself: damage is rare. */
export const digestRoundMs = 24 * 60 * 60 * 1000

export function planDigests({ audiences, left, checkedAtMs, nowMs }: DigestQuestion): DigestPlan {
  if (audiences.length === 0) return { ask: [], left, isDone: false }
  // A clock set back must not put it off: the distance counts, not the direction.
  const isDue = checkedAtMs !== null && Math.abs(nowMs - checkedAtMs) >= digestRoundMs
  const round = left ?? (isDue ? audiences : [])
  const asked = round.filter((audience) => audiences.includes(audience))
  if (asked.length > 0) return { ask: asked.slice(0, limits.digestsMax), left: asked, isDone: false }
  return { ask: [], left: null, isDone: left !== null || checkedAtMs === null }
}
