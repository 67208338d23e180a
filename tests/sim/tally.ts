/** Counts what happened, so that a campaign in which nothing hard happened does not pass. */
export class Tally {
  private readonly counts = new Map<string, number>()

  count(happening: string, times = 1): void {
    this.counts.set(happening, this.of(happening) + times)
  }

  of(happening: string): number {
    return this.counts.get(happening) ?? 0
  }

  add(other: Tally | Readonly<Record<string, number>>): void {
    const entries = other instanceof Tally ? other.counts : new Map(Object.entries(other))
    for (const [happening, times] of entries) this.count(happening, times)
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort(([left], [right]) => (left < right ? -1 : 1)))
  }
}

/** What must happen in every campaign of some size, or it proves nothing. */
export const required: readonly string[] = [
  'server: after-restore',
  'ingest fast',
  'ingest late',
  'replayed',
  'answer sync',
  'answer reset',
  'answer ahead',
  'answer fork',
  'server: authority',
  'server: unknown-version',
  'retry',
  'action that threw',
  'said no here',
  'preview that threw',
  'crash of a device',
  'crash of a server',
  'storage error',
  'device: corrected',
  'device: restamped',
  'device: forked',
  'device: reset',
  'device: held',
  'device: digests compared',
  'lost request',
  'lost answer',
  'late request',
  'twice',
  'restore',
  'snapshot streamed',
  'snapshot cut off',
  'database lost',
  'membership lost',
  'row moved',
  'rejected turned into applied',
  'applied turned into rejected',
  'restamped by the server',
  'restamped: sealed',
  'restamped: budget',
  'cursor below the floor',
  'actions pruned',
  'deploy that sealed',
  'deploy taken back',
  'server turned away',
  'migration',
  'answer update',
  'at rest',
  'tail: taken in',
  'tail: left to an exchange',
  'tail: shape ended',
  'tail: dropped',
  'tail: repeated',
  'tail: re-ordered',
  'tail: told again',
  'tail: cut',
  'tail: ended',
]
