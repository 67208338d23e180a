/**
 * Looks at the log for many readers at once. One entry wakes everybody who follows its audience, and each would ask the
 * same things: who comes while a look is under way shares the next one, which is one transaction, and in it nothing is
 * asked twice.
 *
 * ```
 *  woken ─┐
 *  woken ─┼─▶ waiting ──▶ one consistent read for all of them ──▶ an answer each
 *  asks  ─┘      ▲ those who come meanwhile
 * ```
 */
import type { LogEntry } from '../../core/protocol'
import type { AudienceHead } from '../../store/server/log'
import type { ServerTransaction } from '../../store/server/transaction'
import type { ServerEngine } from '../engine'
import { ensureEpoch } from '../exchange'
import { withRetries } from '../retry'
import { stillReadable } from '../serving'
import { readShape, type ShapeAsked, type ShapeReading } from './read'

export interface SharedReads {
  readonly epoch: () => Promise<string>
  readonly held: (userId: string) => Promise<readonly string[]>
  readonly since: (userId: string) => Promise<ReadonlyMap<string, number>>
  readonly heads: (audiences: readonly string[]) => Promise<ReadonlyMap<string, AudienceHead>>
  /** By audience, what comes after these numbers. */
  readonly entries: (
    behind: readonly { readonly audience: string; readonly seq: number }[],
    entriesMax: number,
  ) => Promise<ReadonlyMap<string, readonly LogEntry[]>>
}

export type ReadingOptions = Pick<
  ServerEngine,
  'store' | 'newId' | 'pause' | 'random' | 'trace' | 'page' | 'build' | 'schema' | 'shipped'
>

/** Readers of one transaction: a longer one would keep others waiting. */
const atOnceMax = 250

interface Waiting {
  readonly asked: ShapeAsked
  resolve(reading: ShapeReading): void
  reject(error: unknown): void
}

export function createReadings(options: ReadingOptions): (asked: ShapeAsked) => Promise<ShapeReading> {
  const waiting: Waiting[] = []
  let isReading = false
  let isEpochThere = false

  const read = async () => {
    isReading = true
    const chosen = waiting.splice(0, atOnceMax)
    try {
      if (!isEpochThere) await ensureEpoch(options)
      isEpochThere = true
      const readings = await readFor(options, chosen)
      for (const [index, reading] of readings.entries()) chosen[index]?.resolve(reading)
    } catch (error) {
      for (const { reject } of chosen) reject(error)
    }
    isReading = false
    if (waiting.length > 0) void read()
  }
  return (asked) =>
    new Promise((resolve, reject) => {
      waiting.push({ asked, resolve, reject })
      if (!isReading) void read()
    })
}

function readFor(options: ReadingOptions, chosen: readonly Waiting[]): Promise<ShapeReading[]> {
  return withRetries(options, () =>
    options.store.read(async (tx) => {
      await stillReadable(options, tx)
      const shared = sharedIn(tx)
      const readings: ShapeReading[] = []
      for (const { asked } of chosen) readings.push(await readShape(shared, options.page, asked))
      return readings
    }),
  )
}

/** Questions to one transaction, each asked once. */
export function sharedIn(tx: ServerTransaction): SharedReads {
  const epoch = once(async () => (await tx.history.readEpoch()) ?? '')
  const heads = new Map<string, AudienceHead>()
  const pages = new Map<string, readonly LogEntry[]>()
  return {
    epoch: () => epoch(''),
    held: once((userId) => tx.rows.heldAudiences(userId)),
    since: once((userId) => tx.grants.grantsSince(userId)),
    heads: async (audiences) => {
      const missing = audiences.filter((audience) => !heads.has(audience))
      if (missing.length > 0) for (const [name, head] of await tx.log.readHeads(missing)) heads.set(name, head)
      return heads
    },
    entries: async (behind, entriesMax) => {
      const keyOf = ({ audience, seq }: { audience: string; seq: number }) => `${seq} ${audience}`
      const missing = behind.filter((one) => !pages.has(keyOf(one)))
      const found = missing.length > 0 ? await tx.log.readEntries(missing, entriesMax) : null
      for (const one of missing) pages.set(keyOf(one), found?.get(one.audience) ?? [])
      return new Map(behind.map((one) => [one.audience, pages.get(keyOf(one)) ?? []]))
    },
  }
}

function once<Result>(ask: (key: string) => Promise<Result>): (key: string) => Promise<Result> {
  const asked = new Map<string, Promise<Result>>()
  return (key) => {
    const known = asked.get(key) ?? ask(key)
    asked.set(key, known)
    return known
  }
}
