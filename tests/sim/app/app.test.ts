/**
 * The simulated application means the same to the engine on a database and to the oracle on a map: one long random
 * history through both, action by action.
 */
import { v5 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeClock } from '@/lib/sync/core/hlc'
import { type OpenStore, pgliteDriver } from '@/tests/contracts/stores'
import { chanceOf } from '../chance'
import { actionsOfBuild, type Build, everyAction } from './actions'
import { chooseDeed } from './deeds'
import { type AcceptedRecord, type OracleOutcome, type OracleRows, runOne, runOracle } from './oracle'
import { foundingTotal } from './room-actions'
import { brokenRules, brokenWorldRules, type RuledRow } from './rules'
import type { View } from './situation'
import { emptyStage, openSimulated, sortedRows } from './stage'

const users = ['ann', 'ben', 'cat', 'dan', 'eve']
const stepsPerSeed = 450
const stepsPerCheck = 50

const namespace = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
const idFor = (name: string) => v5(name, namespace)

let open: OpenStore
beforeAll(async () => {
  open = await openSimulated(pgliteDriver)
})
afterAll(() => open.close())

function viewOf(rows: OracleRows, userId: string, build: Build): View {
  const all = [...rows].map(([name, row]) => ({ table: name.slice(0, name.indexOf(' ')), row }))
  const memberRows = all.filter(({ table }) => table === 'members').map(({ row }) => row)
  return {
    build,
    userId,
    otherUserIds: users.filter((user) => user !== userId),
    rooms: memberRows.filter((row) => row.user_id === userId).map((row) => row.audience),
    knownRooms: [...new Set(memberRows.map((row) => row.audience))],
    rows: (table, audience) =>
      all.filter((each) => each.table === table && each.row.audience === audience).map(({ row }) => row),
  }
}

interface Moment {
  /** The rows before each step so far. */
  readonly past: readonly OracleRows[]
  readonly seed: number
  readonly step: number
  /** Otherwise by chance: devices of both builds are about. */
  readonly build?: Build
}

/** What one person does at this step: half of the time they saw the newest rows, otherwise some from a while ago. */
function recordOf({ past, seed, step, build: fixed }: Moment): AcceptedRecord {
  const chance = chanceOf(seed, step)
  const age = chance.next() < 0.5 ? 0 : Math.floor(chance.next() * 80)
  const rows = past[Math.max(0, step - age)] ?? new Map()
  const author = users[Math.floor(chance.next() * users.length)] ?? 'ann'
  const build: Build = fixed ?? (chance.next() < 0.5 ? 'build-1' : 'build-2')
  // Once in a while somebody does what another one would: they may not even be in that room.
  const thinker = chance.next() < 0.1 ? (users[Math.floor(chance.next() * users.length)] ?? author) : author
  const deed = chooseDeed(viewOf(rows, thinker, build), chance)
  const version = actionsOfBuild[build].find(({ name }) => name === deed.name)?.version ?? 0
  const clock = encodeClock({ ms: Date.UTC(2031, 5, 1) + step * 997, counter: 0, clientId: idFor(author) })
  const id = idFor(`${seed} ${step}`)
  return { id, name: deed.name, version, input: JSON.stringify(deed.input), author, clock }
}

const ruled = (rows: OracleRows): RuledRow[] =>
  [...rows].map(([name, row]) => ({ table: name.slice(0, name.indexOf(' ')), audience: row.audience, image: row }))

interface History {
  readonly records: AcceptedRecord[]
  readonly outcomes: Map<string, OracleOutcome>
}

/** Both, step by step: the first difference is shown with the action that made it. */
async function liveThrough(seed: number): Promise<History> {
  const records: AcceptedRecord[] = []
  const outcomes = new Map<string, OracleOutcome>()
  let rows: OracleRows = new Map()
  await open.store.transaction(async (sql) => {
    const stage = await emptyStage(sql, everyAction)
    const past: OracleRows[] = []
    for (let step = 0; step < stepsPerSeed; step += 1) {
      past.push(rows)
      const record = recordOf({ past, seed, step })
      const expected = await runOne(rows, record, everyAction)
      const outcome = await stage.run(record)
      expect({ step, record, outcome }).toEqual({ step, record, outcome: expected.outcome })
      rows = expected.rows
      records.push(record)
      outcomes.set(record.id, outcome)
      expect(brokenRules(ruled(rows)), JSON.stringify(record)).toEqual([])
      expect(brokenWorldRules(ruled(rows), foundingTotal), JSON.stringify(record)).toEqual([])
      if (step % stepsPerCheck === stepsPerCheck - 1) {
        expect(sortedRows(await stage.rows()), `after step ${step}`).toEqual(sortedRows(rows))
      }
    }
  })
  const whole = await runOracle([...records].reverse(), everyAction)
  expect(sortedRows(whole.rows)).toEqual(sortedRows(rows))
  expect(whole.outcomes).toEqual(outcomes)
  return { records, outcomes }
}

/** A history of one build that only the oracle lives through. */
async function imagine(seed: number, build: Build): Promise<{ records: AcceptedRecord[]; rows: OracleRows }> {
  const records: AcceptedRecord[] = []
  const past: OracleRows[] = []
  let rows: OracleRows = new Map()
  for (let step = 0; step < stepsPerSeed; step += 1) {
    past.push(rows)
    const record = recordOf({ past, seed, step, build })
    rows = (await runOne(rows, record, actionsOfBuild[build])).rows
    records.push(record)
  }
  return { records, rows }
}

/** They name nothing that could be held by others only. */
const neverRejected = new Set(['room.found', 'slip.write', 'notice.post'])
/** Made to fail. */
const neverApplied = new Set(['writes.undeclared', 'writes.elsewhere', 'key.forge'])

describe('the simulated application', () => {
  const seeds = [1, 2, 3, 4, 5]
  const histories: History[] = []

  it.each(seeds)('[ORA-1] does on PGlite what it does in the oracle (seed %i)', async (seed) => {
    histories.push(await liveThrough(seed))
  })

  it('leaves no action out: each is applied, and each that can be is rejected', () => {
    const kinds = new Map<string, Set<string>>(everyAction.map(({ name }) => [name, new Set()]))
    for (const { records, outcomes } of histories) {
      for (const { id, name } of records) kinds.get(name)?.add(outcomes.get(id) === 'applied' ? 'applied' : 'rejected')
    }
    const missing = everyAction.flatMap(({ name }) => {
      const wanted = [...(neverApplied.has(name) ? [] : ['applied']), ...(neverRejected.has(name) ? [] : ['rejected'])]
      return wanted.filter((kind) => !kinds.get(name)?.has(kind)).map((kind) => `${name} was never ${kind}`)
    })
    expect(missing).toEqual([])
    const wrongly = [...neverApplied].filter((name) => kinds.get(name)?.has('applied'))
    expect(wrongly).toEqual([])
  })

  it('[ACT-4] both builds make the same of what build 1 recorded', async () => {
    const { records, rows } = await imagine(6, 'build-1')
    const names = new Set(records.map(({ name }) => name))
    expect(names.has('legacy.bump') && names.has('counter.add')).toBe(true)
    const later = await runOracle(records, everyAction)
    expect(sortedRows(later.rows)).toEqual(sortedRows(rows))
  })

  it('the same view and the same numbers give the same deed, and its input is always well-formed', async () => {
    const { rows } = await imagine(7, 'build-2')
    for (let step = 0; step < 2_000; step += 1) {
      const build: Build = step % 2 === 0 ? 'build-1' : 'build-2'
      const view = viewOf(rows, users[step % users.length] ?? 'ann', build)
      const deed = chooseDeed(view, chanceOf(8, step))
      expect(chooseDeed(view, chanceOf(8, step))).toEqual(deed)
      const action = actionsOfBuild[build].find(({ name }) => name === deed.name)
      expect(action?.input.safeParse(deed.input).success, JSON.stringify(deed)).toBe(true)
    }
  })
})
