/**
 * How long a silent leader is waited for. Silence is counted in ticks of whoever waits, not in time: one who was frozen
 * himself has not waited, and a tick that came late starts the count again (FM-26). Pure.
 *
 * ```
 *            a beat                    ticks
 *  ┌──────────────────────┐
 *  ▼                      │   warn: its page may end it      steal
 *  silent 0 ── 1 ── 2 … ──┴──── 22 ───────────────────────── 30
 * ```
 */

/** Of the leader's beats, and of the ticks of those who wait for them. */
export const tickMs = 1_000

/** A tick that is so late means that this thread slept. */
const lateMs = 2_000

export interface Patience {
  readonly silentTicks: number
  readonly lastTickMs: number | null
  /** A leader that still opens its database may be busy for long in one piece of work, on a slow machine for minutes. */
  readonly isOpen: boolean
}

export interface Limits {
  readonly open: number
  readonly opening: number
}

/** An endless action keeps its worker silent: its own page ends it first, then others ask it to, then they steal. */
export const limits = {
  restart: { open: 15, opening: 120 },
  warn: { open: 22, opening: 150 },
  steal: { open: 30, opening: 180 },
} as const satisfies Record<string, Limits>

export const fresh: Patience = { silentTicks: 0, lastTickMs: null, isOpen: false }

export function heard(patience: Patience, isOpen: boolean): Patience {
  return { ...patience, silentTicks: 0, isOpen }
}

export function ticked(patience: Patience, nowMs: number): Patience {
  const { silentTicks, lastTickMs } = patience
  const isLate = lastTickMs !== null && Math.abs(nowMs - lastTickMs - tickMs) > lateMs
  return { ...patience, silentTicks: isLate ? 0 : silentTicks + 1, lastTickMs: nowMs }
}

export function isSpent({ silentTicks, isOpen }: Patience, limit: Limits): boolean {
  return silentTicks >= (isOpen ? limit.open : limit.opening)
}
