/**
 * Which pending actions the next exchange offers (ING-6, ACT-4). Pure: plain data in, ids out.
 *
 * ```
 * pending in ordinal order ──▶ not held ──▶ up to the pace's limit and the size of a request ──▶ batch
 *                         └──▶ held, due ─▶ after all others, outside the limit, longest waiting first (CX-35)
 *                         └──▶ held as poison, due ──▶ an exchange of its own (CX-47)
 * ```
 */
import type { Pace } from './push-loop'

/**
 * Why an action waits. `answered`: the server said held (unknown version, authority after a restore). `poison`: three
 * pushes with this action alone failed while empty ones were answered.
 */
export interface Hold {
  readonly kind: 'answered' | 'poison'
  /** For the author: what the server said, or `failing`. */
  readonly reason: string
  /** The server's build when it was last offered: another one may know the version. */
  readonly build: string | null
  /** When it was last offered. Milliseconds of this device's own clock, only compared with itself. */
  readonly atMs: number
}

export interface Offerable {
  readonly id: string
  readonly ordinal: number
  readonly bytes: number
  readonly hold: Hold | null
}

export interface PushPlan {
  /** Ids in the order in which they are sent. */
  readonly ids: readonly string[]
  /** True when this is one poison action, tried alone. */
  readonly isAlone: boolean
}

export interface PushBounds {
  readonly actionsMax: number
  readonly heldMax: number
  /** Of all inputs together, below the body limit of the smallest platform. */
  readonly bytesMax: number
  readonly holdMs: number
}

export const pushBounds: PushBounds = {
  actionsMax: 100,
  heldMax: 20,
  bytesMax: 3 * 1024 * 1024,
  holdMs: 24 * 60 * 60 * 1000,
}

export interface PushQuestion {
  /** In any order; only those whose outbox write is done (EXE-1). */
  readonly pending: readonly Offerable[]
  readonly pace: Pace
  readonly nowMs: number
  readonly serverBuild: string | null
  /**
   * The device knows which history it follows, or cannot be told. Before, it only asks: a request that says nothing of
   * its history might come a second time, late, to a server that was restored, and be refused there for good (AUD-4).
   */
  readonly isFollowing: boolean
  readonly bounds: PushBounds
}

export function planPush(question: PushQuestion): PushPlan {
  const { pending, pace, bounds } = question
  if (pace.kind === 'probe' || !question.isFollowing) return { ids: [], isAlone: false }
  const ready = inOrdinalOrder(pending.filter((action) => action.hold === null))
  const due = pending.filter((action) => isDue(action.hold, question))
  due.sort((left, right) => heldSince(left) - heldSince(right) || left.ordinal - right.ordinal)
  if (pace.kind === 'full' && ready.length === 0) {
    const poison = due.find((action) => action.hold?.kind === 'poison')
    if (poison) return { ids: [poison.id], isAlone: true }
  }
  const batch = withinBytes(
    ready.slice(0, pace.kind === 'narrow' ? Math.min(pace.max, pace.left) : bounds.actionsMax),
    {
      bytesMax: bounds.bytesMax,
      alwaysOne: true,
    },
  )
  const bytes = batch.reduce((sum, action) => sum + action.bytes, 0)
  // While a bad action is being searched, nothing else may spoil the finding.
  const answered = pace.kind === 'full' ? due.filter((action) => action.hold?.kind === 'answered') : []
  const held = withinBytes(answered.slice(0, bounds.heldMax), { bytesMax: bounds.bytesMax - bytes, alwaysOne: false })
  return { ids: [...batch, ...inOrdinalOrder(held)].map((action) => action.id), isAlone: false }
}

/** A held action is due when the server's build changed and at least once in `holdMs` (ACT-4). */
function isDue(hold: Hold | null, { nowMs, serverBuild, bounds }: PushQuestion): boolean {
  if (hold === null) return false
  // A clock set back must not hold an action longer: the distance counts, not the direction.
  return hold.build !== serverBuild || Math.abs(nowMs - hold.atMs) >= bounds.holdMs
}

function heldSince(action: Offerable): number {
  return action.hold?.atMs ?? 0
}

function inOrdinalOrder(actions: readonly Offerable[]): Offerable[] {
  return [...actions].sort((left, right) => left.ordinal - right.ordinal)
}

function withinBytes(actions: readonly Offerable[], limit: { bytesMax: number; alwaysOne: boolean }): Offerable[] {
  let bytes = 0
  const end = actions.findIndex((action, place) => {
    bytes += action.bytes
    return bytes > limit.bytesMax && !(limit.alwaysOne && place === 0)
  })
  return end === -1 ? [...actions] : actions.slice(0, end)
}
