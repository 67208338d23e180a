import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeClock } from './hlc'
import { coversLocks, globalLockName, lockPlan, type PlacedAction, replaySet } from './replay-set'

const audiences = ['a', 'b', 'c', 'd']
const clientId = '00000000-0000-4000-8000-00000000000a'

interface Draft {
  readonly at: number
  readonly writes: readonly string[]
  readonly reads: readonly string[]
  readonly isNew: boolean
}

const draft: fc.Arbitrary<Draft> = fc.record({
  at: fc.nat({ max: 30 }),
  writes: fc.subarray(audiences, { maxLength: 2 }),
  reads: fc.subarray(audiences, { maxLength: 2 }),
  isNew: fc.boolean(),
})

const drafts = fc.array(draft, { maxLength: 14 })

function placed({ at, writes, reads }: Draft, index: number): PlacedAction {
  return {
    id: `action ${String(index).padStart(2, '0')}`,
    clock: encodeClock({ ms: at, counter: 0, clientId }),
    author: `author ${index % 3}`,
    writes,
    reads: reads.filter((audience) => !writes.includes(audience)),
  }
}

const orderOf = (action: PlacedAction) => `${action.clock} ${action.id}`
const inReplayOrder = <Action extends PlacedAction>(actions: readonly Action[]) =>
  [...actions].sort((left, right) => (orderOf(left) < orderOf(right) ? -1 : 1))

function scene(list: readonly Draft[]) {
  const all = list.map((each, index) => ({ action: placed(each, index), isNew: each.isNew }))
  const newcomers = all.filter(({ isNew }) => isNew).map(({ action }) => action)
  const old = all.filter(({ isNew }) => !isNew).map(({ action }) => action)
  const [first] = inReplayOrder(newcomers)
  const later = old.filter((action) => first !== undefined && orderOf(action) > orderOf(first))
  return { newcomers, old, later }
}

/** The words of ING-3, as they stand. */
function naiveReplaySet(newcomers: readonly PlacedAction[], later: readonly PlacedAction[]): string[] {
  const [W, R] = [new Set<string>(), new Set<string>()]
  const members: string[] = []
  for (const action of inReplayOrder([...newcomers, ...later])) {
    const names = [...action.writes, ...action.reads]
    const isNew = newcomers.includes(action)
    if (!isNew && !names.some((audience) => W.has(audience)) && !action.writes.some((audience) => R.has(audience)))
      continue
    if (!isNew) members.push(action.id)
    for (const audience of action.writes) W.add(audience)
    for (const audience of names) R.add(audience)
  }
  return members
}

type Rows = Map<string, string>

/** An action that depends on everything it sees and changes everything it may: nothing can be left out unnoticed. */
function runOn(rows: Rows, action: PlacedAction): void {
  const seen = [...action.writes, ...action.reads].sort().map((audience) => `${audience}=${rows.get(audience) ?? ''}`)
  for (const audience of action.writes) rows.set(audience, `${action.id}(${seen.join(',')})`)
}

function oracle(actions: readonly PlacedAction[]): Rows {
  const rows: Rows = new Map()
  for (const action of inReplayOrder(actions)) runOn(rows, action)
  return rows
}

describe('the replay set', () => {
  it('[ING-3] is what the rule says, in replay order, whatever the order things were given in', () => {
    fc.assert(
      fc.property(drafts, (list) => {
        const { newcomers, later } = scene(list)
        const members = replaySet(newcomers, later)
        expect(members.map(({ id }) => id)).toEqual(naiveReplaySet(newcomers, later))
        expect(replaySet([...newcomers].reverse(), [...later].reverse())).toEqual(members)
      }),
      { numRuns: 500 },
    )
  })

  it('[ORA-1] rolling it back and running it with the newcomers gives what running everything in order gives', () => {
    let replayed = 0
    let leftAlone = 0
    fc.assert(
      fc.property(drafts, (list) => {
        const { newcomers, old, later } = scene(list)
        const members = replaySet(newcomers, later)
        const rows = oracle(old)
        // Roll back: what each audience held before the first member that wrote it.
        const ordered = inReplayOrder(old)
        for (const audience of audiences) {
          const first = ordered.findIndex((action) => members.includes(action) && action.writes.includes(audience))
          if (first < 0) continue
          const before = oracle(ordered.slice(0, first)).get(audience)
          if (before === undefined) rows.delete(audience)
          else rows.set(audience, before)
        }
        for (const action of inReplayOrder([...newcomers, ...members])) runOn(rows, action)
        expect([...rows].sort()).toEqual([...oracle([...old, ...newcomers])].sort())
        replayed += members.length
        leftAlone += later.length - members.length
      }),
      { numRuns: 500 },
    )
    expect(replayed).toBeGreaterThan(100)
    expect(leftAlone).toBeGreaterThan(100)
  })

  it('[ING-3] a newcomer that only reads brings in later writers of what it read, and not other readers (CX-10)', () => {
    const at = (ms: number, fields: Partial<Draft>) =>
      placed({ at: ms, writes: [], reads: [], isNew: false, ...fields }, ms)
    const newcomer = at(1, { reads: ['a'], writes: ['b'] })
    const reader = at(2, { reads: ['a'], writes: ['c'] })
    const writer = at(3, { writes: ['a'] })
    const follower = at(4, { reads: ['a'], writes: ['d'] })
    expect(replaySet([newcomer], [reader, writer, follower])).toEqual([writer, follower])
  })
})

describe('locks of an ingest', () => {
  it('[ING-1] are each taken once, in ascending order as numbers, exclusively where anything writes', () => {
    fc.assert(
      fc.property(drafts, fc.boolean(), (list, everything) => {
        const actions = list.map(placed)
        const { locks, names } = lockPlan(actions, everything)
        const keys = locks.map(({ key }) => BigInt(key))
        expect(keys).toEqual([...new Set(keys)].sort((left, right) => (left < right ? -1 : 1)))
        for (const key of keys) expect(BigInt.asIntN(64, key)).toBe(key)
        expect(locks).toHaveLength(names.size)
        expect(names.get(globalLockName)).toBe(everything)
        for (const audience of audiences) {
          const isWritten = actions.some((action) => action.writes.includes(audience))
          const isRead = actions.some((action) => action.reads.includes(audience))
          expect(names.get(audience)).toBe(isWritten ? true : isRead ? false : undefined)
        }
        for (const { author } of actions) expect(names.get(`user:${author}`)).toBe(true)
      }),
    )
  })

  it('[ING-1] cover a plan when every name is held, exclusively where that is needed', () => {
    fc.assert(
      fc.property(drafts, drafts, (one, other) => {
        const [mine, theirs] = [one.map(placed), other.map(placed)]
        const plan = lockPlan(mine, false)
        expect(coversLocks(plan, plan)).toBe(true)
        expect(coversLocks(lockPlan([...mine, ...theirs], false), plan)).toBe(true)
        expect(coversLocks(lockPlan([], true), plan)).toBe(true)
        expect(coversLocks(plan, lockPlan(mine, true))).toBe(false)
        const needed = lockPlan(theirs, false)
        const isCovered = [...needed.names].every(([name, exclusive]) =>
          exclusive ? plan.names.get(name) === true : plan.names.has(name),
        )
        expect(coversLocks(plan, needed)).toBe(isCovered)
      }),
    )
  })

  it('[ING-1] an audience called like the global key, or like a user, is a lock of its own', () => {
    const action = (writes: readonly string[], author: string): PlacedAction => ({
      id: '1',
      clock: encodeClock({ ms: 1, counter: 0, clientId }),
      author,
      writes,
      reads: [],
    })
    expect(lockPlan([action(['user:ann'], 'ben')], false).names).toEqual(
      new Map([
        [globalLockName, false],
        ['user:ann', true],
        ['user:ben', true],
      ]),
    )
  })
})
