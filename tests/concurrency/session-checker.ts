/**
 * Whether what one client saw over time fits together. Pure: observations in, findings out.
 *
 * Method: the four guarantees of Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", PDIS 1994.
 * Lists only grow at their end, but for corrections: a late arrival is sorted in, and a replay may push somebody out.
 * So each guarantee says what a correction may change and what it may not: never the order of two items, for clocks of
 * accepted actions are final (HLC-4); and an item goes only when the outcome of its action wavered.
 *
 *   read your writes     what is confirmed to its author, the author sees; what is taken back, not
 *   monotonic reads      without a correction a list only grows at its end; with one, whoever stays keeps the order
 *   monotonic writes     appends of one client stand in the order of its ordinals, and none is seen without those before
 *   writes follow reads  what a client had seen when it appended stands before that, and is seen with it
 */
import { type Append, audienceOfList, type Finding } from './append-checker'

/** The lists of one client after an answer that was read to its end. */
export interface Observation {
  readonly clientId: string
  /** Audiences it holds: their lists are known to be complete. */
  readonly audiences: ReadonlySet<string>
  readonly lists: ReadonlyMap<string, readonly string[]>
  /** Audiences that a correction or a snapshot arrived for since the observation before. */
  readonly corrected: ReadonlySet<string>
  /** Items of this client by what their newest receipt says: applied, and any other. */
  readonly confirmed: ReadonlySet<string>
  readonly takenBack: ReadonlySet<string>
}

export interface SessionHistory {
  readonly appends: readonly Append[]
  /** What its author had seen when it made the append, by item. */
  readonly seenBefore: ReadonlyMap<string, ReadonlySet<string>>
  /** Of all clients; those of one client in the order in which it made them. */
  readonly observations: readonly Observation[]
}

/** Kinds: unread-write, went-back, vanished, write-out-of-order, write-alone, write-before-read, read-alone. */
export function checkSessions(history: SessionHistory): Finding[] {
  const known = new Map(history.appends.map((append) => [append.item, append]))
  const last = new Map<string, Observation>()
  return history.observations.flatMap((observation) => {
    const before = last.get(observation.clientId)
    last.set(observation.clientId, observation)
    const found = [
      ...checkReadYourWrites(observation, known),
      ...(before ? checkMonotonicReads(before, observation, known) : []),
      ...checkMonotonicWrites(observation, history.appends),
      ...checkWritesFollowReads(observation, { known, seenBefore: history.seenBefore }),
    ]
    return found.map(({ kind, detail }) => ({ kind, detail: `${observation.clientId}: ${detail}` }))
  })
}

type Known = ReadonlyMap<string, Append>

function itemsIn(observation: Observation): Set<string> {
  return new Set([...observation.lists.values()].flat())
}

function isComplete({ audiences }: Observation, key: string): boolean {
  return audiences.has(audienceOfList(key))
}

function checkReadYourWrites(observation: Observation, known: Known): Finding[] {
  const { lists, confirmed, takenBack } = observation
  const missing = [...confirmed].flatMap((item) =>
    (known.get(item)?.keys ?? []).filter((key) => isComplete(observation, key) && !lists.get(key)?.includes(item)),
  )
  const present = itemsIn(observation)
  const standing = [...takenBack].filter((item) => present.has(item))
  return [
    ...missing.map((key) => ({ kind: 'unread-write', detail: `a confirmed append is missing in ${key}` })),
    ...standing.map((item) => ({
      kind: 'unread-write',
      detail: `${item} is still there, and its receipt took it back`,
    })),
  ]
}

function checkMonotonicReads(before: Observation, observation: Observation, known: Known): Finding[] {
  const findings: Finding[] = []
  for (const [key, older] of before.lists) {
    if (!isComplete(observation, key)) continue
    const newer = observation.lists.get(key) ?? []
    const isCorrected = observation.corrected.has(audienceOfList(key))
    const detail = `${key} was "${older.join(' ')}" and is "${newer.join(' ')}"`
    const stayed = older.filter((item) => newer.includes(item))
    const order = newer.filter((item) => older.includes(item))
    const grewAtItsEnd = older.every((item, index) => newer[index] === item)
    if (isCorrected ? stayed.join(' ') !== order.join(' ') : !grewAtItsEnd) findings.push({ kind: 'went-back', detail })
    const gone = older.filter((item) => !newer.includes(item) && !known.get(item)?.wavered)
    if (gone.length > 0) findings.push({ kind: 'vanished', detail: `${gone.join(' ')} of ${detail}` })
  }
  return findings
}

/** Certain to be seen wherever its list is complete, once it was ingested: applied, and never anything else. */
function isSteady(append: Append | undefined): append is Append {
  return append?.status === 'applied' && !append.wavered
}

function checkMonotonicWrites(observation: Observation, appends: readonly Append[]): Finding[] {
  const findings: Finding[] = []
  const present = itemsIn(observation)
  const byClient = new Map<string, Append[]>()
  for (const append of appends) byClient.set(append.clientId, [...(byClient.get(append.clientId) ?? []), append])
  for (const own of byClient.values()) {
    own.sort((left, right) => left.ordinal - right.ordinal)
    for (const [key, items] of observation.lists) {
      const ordered = own.filter(({ item }) => items.includes(item)).map(({ item }) => item)
      const found = items.filter((item) => ordered.includes(item))
      if (found.join(' ') === ordered.join(' ')) continue
      findings.push({
        kind: 'write-out-of-order',
        detail: `${key} has ${found.join(' ')}, made as ${ordered.join(' ')}`,
      })
    }
    const newest = own.findLastIndex(({ item }) => present.has(item))
    for (const { item, keys } of own.slice(0, Math.max(newest, 0)).filter(isSteady)) {
      const unseen = keys.filter((key) => isComplete(observation, key) && !present.has(item))
      if (unseen.length > 0)
        findings.push({ kind: 'write-alone', detail: `${own[newest]?.item} is seen without ${item}` })
    }
  }
  return findings
}

function checkWritesFollowReads(
  observation: Observation,
  { known, seenBefore }: { readonly known: Known; readonly seenBefore: SessionHistory['seenBefore'] },
): Finding[] {
  const findings: Finding[] = []
  const present = itemsIn(observation)
  for (const [key, items] of observation.lists) {
    for (const [index, item] of items.entries()) {
      const seen = seenBefore.get(item)
      if (!seen) continue
      const later = items.slice(index + 1).filter((other) => seen.has(other))
      if (later.length > 0)
        findings.push({
          kind: 'write-before-read',
          detail: `${key}: ${item} stands before ${later.join(' ')}, seen when it was made`,
        })
      const unseen = [...seen].filter((other) => !present.has(other) && isExpected(observation, known.get(other)))
      if (unseen.length > 0)
        findings.push({
          kind: 'read-alone',
          detail: `${item} is seen without ${unseen.join(' ')}, seen when it was made`,
        })
    }
  }
  return findings
}

function isExpected(observation: Observation, append: Append | undefined): boolean {
  return isSteady(append) && append.keys.some((key) => isComplete(observation, key))
}
