/**
 * Whether a history of list appends can be believed. Pure: what actions said and what lists hold in, findings out.
 *
 * Method: Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations", VLDB 2020. Each
 * append adds an item that nobody else adds, so a list is its own history: which append came after which, and which of
 * them a look saw, can be read off it. Two questions are asked. The first is stricter than Elle, because replay order
 * is known here: does every list hold exactly the applied appends in replay order, and did each of them see exactly
 * those before it (ORA-1)? The second forgets clocks, as Elle does: is there any order at all in which these actions
 * could have run one after another, or do what they saw and wrote point in a circle?
 *
 * ```
 *  list a: 1 2 3      1 ─▶ 2 ─▶ 3   written after (ww)
 *  4 saw a = 1 2      2 ─▶ 4        seen (wr)             4 ─▶ 3   not seen yet (rw)
 * ```
 */
import { compareReplayOrder } from '@/lib/sync/core/hlc'

/** How a list is called in histories: where it lies, and its name. */
export const listKey = (audience: string, name: string): string => `${audience}/${name}`

export const audienceOfList = (key: string): string => key.slice(0, key.indexOf('/'))

export interface Append {
  readonly id: string
  readonly item: string
  /** The client that made it, and the number it gave it. */
  readonly clientId: string
  readonly ordinal: number
  /** Canonical clock; null when it never became part of history. */
  readonly clock: string | null
  readonly status: string
  /** Whether a replay changed its outcome some time: it was applied, and it was rejected. */
  readonly wavered: boolean
  /** The lists it appends to. */
  readonly keys: readonly string[]
}

/** What the append of an item found in a list, its own item included where it appended. */
export interface Look {
  readonly item: string
  readonly key: string
  readonly seen: readonly string[]
}

export interface AppendHistory {
  readonly appends: readonly Append[]
  readonly looks: readonly Look[]
  /** Every list as it stands at the end, by key. */
  readonly lists: ReadonlyMap<string, readonly string[]>
}

export interface Finding {
  readonly kind: string
  readonly detail: string
}

/** Kinds: lost, duplicated, invented, reordered, wrong-look, missing-look, cycle. */
export function checkAppends(history: AppendHistory): Finding[] {
  return [...checkLists(history), ...checkLooks(history), ...checkCycles(history)]
}

interface Applied extends Append {
  readonly clock: string
}

function appliedInReplayOrder({ appends }: AppendHistory): Applied[] {
  const applied = appends.filter((each): each is Applied => each.status === 'applied' && each.clock !== null)
  return applied.sort(compareReplayOrder)
}

/** The applied appends of each list, in replay order. */
function expectedLists(history: AppendHistory): Map<string, string[]> {
  const expected = new Map<string, string[]>([...history.lists.keys()].map((key) => [key, []]))
  for (const { item, keys } of appliedInReplayOrder(history)) {
    for (const key of keys) expected.set(key, [...(expected.get(key) ?? []), item])
  }
  return expected
}

function checkLists(history: AppendHistory): Finding[] {
  return [...expectedLists(history)].flatMap(([key, expected]) => {
    const found = history.lists.get(key) ?? []
    const [wanted, held] = [new Set(expected), new Set(found)]
    const of = (kind: string, items: readonly string[]) =>
      items.length > 0 ? [{ kind, detail: `${key}: ${items.join(' ')}` }] : []
    const [left, right] = [expected.filter((item) => held.has(item)), [...held].filter((item) => wanted.has(item))]
    return [
      ...of(
        'lost',
        expected.filter((item) => !held.has(item)),
      ),
      ...of(
        'invented',
        [...held].filter((item) => !wanted.has(item)),
      ),
      ...of(
        'duplicated',
        found.filter((item, index) => found.indexOf(item) !== index),
      ),
      ...of(
        'reordered',
        right.filter((item, index) => item !== left[index]),
      ),
    ]
  })
}

/** Each look is the list as of the place of its action: nothing later, nothing missing. */
function checkLooks(history: AppendHistory): Finding[] {
  const findings: Finding[] = []
  const soFar = new Map<string, string[]>()
  for (const { item, keys } of appliedInReplayOrder(history)) {
    for (const key of keys) soFar.set(key, [...(soFar.get(key) ?? []), item])
    const looks = history.looks.filter((look) => look.item === item)
    const unlooked = keys.filter((key) => !looks.some((look) => look.key === key))
    for (const key of unlooked) findings.push({ kind: 'missing-look', detail: `${item} at ${key}` })
    for (const { key, seen } of looks) {
      const expected = (soFar.get(key) ?? []).join(' ')
      if (seen.join(' ') !== expected) {
        findings.push({ kind: 'wrong-look', detail: `${item} saw ${key} as "${seen.join(' ')}", not "${expected}"` })
      }
    }
  }
  return findings
}

/** What is left when everybody without a predecessor has gone, again and again (Kahn 1962), goes in a circle. */
function checkCycles(history: AppendHistory): Finding[] {
  const after = precedences(history)
  const incoming = new Map<string, number>()
  for (const targets of after.values()) for (const to of targets) incoming.set(to, (incoming.get(to) ?? 0) + 1)
  const free = [...after.keys()].filter((item) => !incoming.has(item))
  for (let item = free.pop(); item !== undefined; item = free.pop()) {
    for (const to of after.get(item) ?? []) {
      const left = (incoming.get(to) ?? 0) - 1
      incoming.set(to, left)
      if (left === 0) free.push(to)
    }
  }
  const circle = [...incoming].filter(([, left]) => left > 0).map(([item]) => item)
  return circle.length === 0 ? [] : [{ kind: 'cycle', detail: circle.join(' ') }]
}

/** Who must have run before whom, as lists and looks tell it: ww, wr and rw of the drawing above. */
function precedences({ lists, looks }: AppendHistory): Map<string, Set<string>> {
  const after = new Map<string, Set<string>>()
  const link = (from: string | undefined, to: string | undefined) => {
    if (from === undefined || to === undefined || from === to) return
    after.set(from, (after.get(from) ?? new Set()).add(to))
  }
  for (const items of lists.values()) for (const [index, item] of items.entries()) link(item, items[index + 1])
  for (const { item, key, seen } of looks) {
    const others = (lists.get(key) ?? []).filter((each) => each !== item)
    const last = seen.filter((each) => each !== item).at(-1)
    link(last, item)
    if (last === undefined) link(item, others[0])
    else if (others.includes(last)) link(item, others[others.indexOf(last) + 1])
  }
  return after
}
