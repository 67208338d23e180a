/**
 * Whether newcomers may take the place their clocks ask for, or come last instead (HLC-4). Pure: the ingest asks here,
 * under its locks.
 *
 * Replaying is dear and clocks are free: without bounds one device could make the server run a month of other people's
 * work again with each push (CX-10b). What is beyond them is not lost, it is restamped.
 */
import type { Clock } from './hlc'

export interface LateBudget {
  /** Old actions that one ingest may replay. */
  readonly perIngestMax: number
  /** Old actions that the pushes of one user may replay in an hour: client ids are free, users are not. */
  readonly perUserAndHourMax: number
  /** How long one ingest may replay. */
  readonly msMax: number
  /** Later actions, whatever they name, that are looked at before only those of concerned audiences are. */
  readonly nearMax: number
}

export const defaultLateBudget: LateBudget = {
  ...{ perIngestMax: 2_000, perUserAndHourMax: 20_000, msMax: 10_000 },
  nearMax: 500,
}

export type RestampReason = 'sealed' | 'budget' | 'cannot-replay'

export interface LateQuestion {
  readonly newcomers: readonly { readonly clock: Clock }[]
  /** Size of the replay set. */
  readonly replays: number
  /** The greatest seal of all audiences that newcomers and replay set name. */
  readonly sealedUntil: Clock
  /** Replays of this user in this hour. */
  readonly spent: number
  readonly budget: LateBudget
}

/**
 * Null when they may. A seal of any audience in the replay set counts: its members there may be pruned, and would be
 * missing without anybody noticing (CX-5b).
 */
export function restampReason({ newcomers, replays, sealedUntil, spent, budget }: LateQuestion): RestampReason | null {
  if (newcomers.some(({ clock }) => clock <= sealedUntil)) return 'sealed'
  return replays > budget.perIngestMax || spent + replays > budget.perUserAndHourMax ? 'budget' : null
}

/** Number of the hour in which replays are counted together. */
export function hourOf(nowMs: number): number {
  return Math.floor(nowMs / 3_600_000)
}
