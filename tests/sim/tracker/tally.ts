/** What happened in a campaign. A campaign in which the hard things never happened has proved nothing. */
import type { Person } from '../../support/person'
import type { World } from '../../support/world'

export const happenings = [
  'applied',
  'rejected here',
  'rejected by the server',
  'refused',
  'late arrival',
  'replayed',
  'correction',
  'restamp',
  'lost answer',
  'duplicate',
  'restart',
  'lost database',
  'full disk',
  'reset',
  'snapshot',
  'ahead',
  'held',
] as const

export type Happening = (typeof happenings)[number]

/** Without any of these a campaign fails. */
export const required: readonly Happening[] = [
  'rejected here',
  'rejected by the server',
  'late arrival',
  'replayed',
  'correction',
  'restamp',
  'lost answer',
  'duplicate',
  'restart',
]

export class Tally {
  private readonly counts = new Map<Happening, number>(happenings.map((happening) => [happening, 0]))

  count(happening: Happening, times = 1): void {
    this.counts.set(happening, this.of(happening) + times)
  }

  of(happening: Happening): number {
    return this.counts.get(happening) ?? 0
  }

  add(other: Tally): void {
    for (const happening of happenings) this.count(happening, other.of(happening))
  }

  /** What both sides told about themselves, once a world is at rest. */
  async read(world: World): Promise<void> {
    for (const event of world.trace) {
      if (event.kind === 'refused') this.count('refused')
      if (event.kind !== 'ingest' || event.path !== 'late') continue
      this.count('late arrival')
      this.count('replayed', event.replayed)
    }
    for (const person of world.people) this.readDevice(person)
    const rows = await world.store.transaction((sql) =>
      sql.query<{ status: string; restamped: boolean }>(
        `select receipt ->> 'status' as status, (receipt ->> 'restamped')::boolean as restamped from sync.ids`,
      ),
    )
    this.count('applied', rows.filter((row) => row.status === 'applied').length)
    this.count('rejected by the server', rows.filter((row) => row.status === 'rejected').length)
    this.count('restamp', rows.filter((row) => row.restamped).length)
  }

  private readDevice({ trace }: Person): void {
    for (const event of trace) {
      if (event.kind === 'corrected') this.count('correction')
      if (event.kind === 'not-run') this.count('rejected here')
      if (event.kind === 'reset') this.count('reset')
      if (event.kind === 'restamped') this.count('ahead')
      if (event.kind === 'held') this.count('held')
      if (event.kind === 'received') this.count('snapshot', event.snapshots)
    }
  }

  toString(): string {
    return happenings.map((happening) => `${happening} ${this.of(happening)}`).join(', ')
  }
}
