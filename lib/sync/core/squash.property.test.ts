/**
 * Squash against a model that takes the server's history ingest by ingest: however it is cut into answers, in whatever
 * order audiences arrive, by log or by snapshot, with audiences lost and gained on the way, a device that has caught up
 * holds the server's rows of its audiences (CON-1).
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowId } from './images'
import { planArrival } from './plan-arrival'
import type { Image, LogEntry, RowChange, Snapshot } from './protocol'
import { type HeldCursor, type LocalRow, namedRows, squash } from './squash'

const audiences = ['a', 'b', 'c'] as const
type Audience = (typeof audiences)[number]

interface Step {
  readonly key: string
  /** Where the row lies after it; null: deleted. */
  readonly to: Audience | null
}

/** Actions of several steps each; all of one ingest share a stamp. */
const ingest = fc.array(
  fc.array(fc.record({ key: fc.constantFrom('r', 's', 't'), to: fc.constantFrom(...audiences, null) }), {
    minLength: 1,
    maxLength: 3,
  }),
  { minLength: 1, maxLength: 3 },
)
const history = fc.array(ingest, { minLength: 1, maxLength: 8 })

/** What the device does about one audience: reads it as it was after some ingest, or loses it. */
const reading = fc.record({
  audience: fc.constantFrom(...audiences),
  how: fc.constantFrom('log', 'log', 'snapshot', 'lose'),
  /** How far: as a share of the ingests that were not read yet; of all of them for a snapshot. */
  share: fc.double({ min: 0, max: 1, noNaN: true }),
})
/** Readings of one answer each; its entries come shuffled, some of them twice. */
const answers = fc.array(fc.record({ readings: fc.array(reading, { minLength: 1, maxLength: 4 }), order: fc.nat() }), {
  maxLength: 10,
})

type Rows = Map<string, Image>

interface Server {
  readonly logs: Readonly<Record<Audience, LogEntry[]>>
  /** Rows after each number of ingests. */
  readonly states: readonly Rows[]
}

/** The server: a full log, and the rows after every ingest. */
function serverOf(ingests: readonly (readonly (readonly Step[])[])[]): Server {
  const logs: Record<Audience, LogEntry[]> = { a: [], b: [], c: [] }
  const states: Rows[] = [new Map()]
  ingests.forEach((actions, index) => {
    const rows: Rows = new Map(states.at(-1))
    actions.forEach((steps, place) => {
      const before = new Map(rows)
      steps.forEach(({ key, to }, step) => {
        if (to === null) rows.delete(key)
        else rows.set(key, { audience: to, value: `${index}.${place}.${step}` })
      })
      for (const audience of audiences)
        append(logs[audience], { audience, index, place, changes: told(before, rows, audience) })
    })
    states.push(rows)
  })
  return { logs, states }
}

/** The half of what happened that one audience tells (AUD-1). */
function told(before: Rows, after: Rows, audience: Audience): RowChange[] {
  return ['r', 's', 't'].flatMap((key): RowChange[] => {
    const [old, now] = [before.get(key), after.get(key)]
    if (now?.audience === audience && now !== old) return [{ table: 't', key, image: now }]
    return old?.audience === audience && now?.audience !== audience ? [{ table: 't', key, image: null }] : []
  })
}

function append(
  log: LogEntry[],
  entry: { audience: string; index: number; place: number; changes: RowChange[] },
): void {
  if (entry.changes.length === 0) return
  const seq = log.length + 1
  const { audience, index, place, changes } = entry
  const tokens = { token: `${audience}${seq}`, previousToken: `${audience}${seq - 1}` }
  const rest = { kind: 'correction' as const, action: null, causes: [], receipts: [] }
  log.push({ audience, seq, ...tokens, stamp: stampOf(index), place, ingest: `${index}`, changes, ...rest })
}

const stampOf = (index: number) => (index + 1) * 10

interface Device {
  rows: Rows
  cursors: ReadonlyMap<string, HeldCursor>
  held: Set<string>
}

/** As the server answers when it has ingested that many. */
function snapshotOf(server: Server, audience: Audience, ingests: number): Snapshot {
  const last = server.logs[audience].filter((entry) => entry.stamp <= stampOf(ingests - 1)).at(-1)
  const rows = [...(server.states[ingests] ?? [])].filter(([, image]) => image.audience === audience)
  return {
    ...{ audience, seq: last?.seq ?? 0, token: last?.token ?? `${audience}0`, stamp: last?.stamp ?? 0 },
    rows: rows.map(([key, image]) => ({ table: 't', key, image })),
    maxClock: null,
    receipts: [],
  }
}

/** As `device/apply` does it, on a map instead of tables. */
function receive(device: Device, answer: { entries: LogEntry[]; snapshots: Snapshot[] }): void {
  const plan = planArrival({ ...answer, audiences: [...device.held] }, { cursors: device.cursors, audiences: null })
  for (const [audience, { seq }] of plan.cursors) {
    expect(seq, 'a cursor never goes back').toBeGreaterThanOrEqual(device.cursors.get(audience)?.seq ?? 0)
  }
  for (const [key, image] of device.rows) if (!device.held.has(image.audience ?? '')) device.rows.delete(key)
  const named = new Set(namedRows(plan).map(rowId))
  const replaced = new Set(plan.snapshots.map(({ audience }) => audience))
  const local: LocalRow[] = [...device.rows]
    .map(([key, image]) => ({ table: 't', key, audience: image.audience ?? null }))
    .filter((row) => named.has(rowId(row)) || replaced.has(row.audience ?? ''))
  const targets = squash(plan, local, device.cursors)
  expect(new Set(targets.map(rowId)).size, 'one target per row').toBe(targets.length)
  for (const { key, image } of targets) {
    if (image) device.rows.set(key, image)
    else device.rows.delete(key)
  }
  device.cursors = plan.cursors
}

type Reading = { audience: Audience; how: string; share: number }

/** What one answer brings, and which audiences are lost by it. */
function read(server: Server, device: Device, readings: readonly Reading[]) {
  const entries: LogEntry[] = []
  const snapshots: Snapshot[] = []
  for (const { audience, how, share } of readings) {
    const cursor = device.cursors.get(audience)
    const reached = cursor ? cursor.stamp / 10 : 0
    const all = server.states.length - 1
    // A snapshot may also be one that was overtaken.
    const ingests = Math.round(how === 'snapshot' ? share * all : reached + share * (all - reached))
    if (how === 'lose') device.held.delete(audience)
    else device.held.add(audience)
    if (how === 'lose') continue
    if (how === 'snapshot' || !cursor) snapshots.push(snapshotOf(server, audience, ingests))
    else entries.push(...server.logs[audience].filter((one) => one.stamp <= stampOf(ingests - 1)))
  }
  return { entries, snapshots: oneOfEach(snapshots) }
}

/** An answer has one snapshot of an audience. */
function oneOfEach(snapshots: readonly Snapshot[]): Snapshot[] {
  return [...new Map(snapshots.map((snapshot) => [snapshot.audience, snapshot])).values()]
}

function shuffled<Item>(items: readonly Item[], order: number): Item[] {
  const rank = (place: number) => (place * 7919 + order * 104_729) % 10_007
  return items
    .map((item, place) => ({ item, place }))
    .sort((left, right) => rank(left.place) - rank(right.place))
    .map(({ item }) => item)
}

describe('squash against a model with the full log', () => {
  test('[CON-1] [APP-1] [ORD-1] any split into answers, snapshots and order of arrival ends in the rows of the server', () => {
    const seen = { answers: 0, entries: 0, snapshots: 0, late: 0, lost: 0, moves: 0 }
    fc.assert(
      fc.property(history, answers, fc.subarray([...audiences]), (ingests, given, kept) => {
        const server = serverOf(ingests)
        const device: Device = { rows: new Map(), cursors: new Map(), held: new Set() }
        for (const { readings, order } of given) {
          const { entries, snapshots } = read(server, device, readings)
          seen.answers += 1
          seen.entries += entries.length
          seen.snapshots += snapshots.length
          seen.late += snapshots.filter(({ audience }) => device.cursors.has(audience)).length
          seen.lost += [...device.cursors.keys()].filter((audience) => !device.held.has(audience)).length
          receive(device, { entries: shuffled(entries, order), snapshots })
        }
        for (const audience of audiences) if (!kept.includes(audience)) device.held.delete(audience)
        receive(
          device,
          read(
            server,
            device,
            kept.map((audience) => ({ audience, how: 'log', share: 1 })),
          ),
        )
        const end = [...(server.states.at(-1) ?? [])].filter(([, image]) => device.held.has(image.audience ?? ''))
        expect([...device.rows].sort()).toEqual(end.sort())
        for (const audience of kept) expect(device.cursors.get(audience)?.seq).toBe(server.logs[audience].length)
        seen.moves += server.logs.a.filter(({ changes }) => changes.some(({ image }) => image === null)).length
      }),
      { numRuns: 3_000 },
    )
    for (const many of Object.values(seen)) expect(many).toBeGreaterThan(200)
  })
})
