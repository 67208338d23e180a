import { describe, expect, test } from 'vitest'
import { noHead } from '../../store/server/log'
import type { ServerTransaction } from '../../store/server/transaction'
import { createReadings, type ReadingOptions } from './readings'

/** A database that counts what it is asked, and answers when a test says so. */
function counting({ isFailing = false } = {}) {
  const asked: string[] = []
  const releases: (() => void)[] = []
  const tx = {
    rows: {
      heldAudiences: async (userId: string) => {
        asked.push(`held ${userId}`)
        return ['project:1', `user:${userId}`]
      },
    },
    grants: {
      grantsSince: async (userId: string) => {
        asked.push(`since ${userId}`)
        return new Map()
      },
    },
    history: { readEpoch: async () => 'epoch' },
    log: {
      readHeads: async (names: readonly string[]) => {
        asked.push(`heads ${names.join()}`)
        return new Map(names.map((audience) => [audience, { audience, ...noHead, head: 3 }]))
      },
      readEntries: async () => new Map(),
    },
  } as unknown as ServerTransaction
  let reads = 0
  const options = {
    store: {
      read: async (work: (tx: ServerTransaction) => Promise<unknown>) => {
        reads += 1
        // The first one asks for the epoch.
        if (reads > 1) await new Promise<void>((resolve) => releases.push(resolve))
        if (reads > 1 && isFailing) throw new Error('The database is gone')
        return work(tx)
      },
    },
    ...{ newId: () => 'id', pause: async () => undefined, random: () => 0, trace: () => undefined },
    ...{ build: 'dev', schema: null, shipped: {} },
    page: { entriesMax: 10, snapshotRowsMax: 10, charactersMax: 1_000 },
  } as unknown as ReadingOptions
  return { look: createReadings(options), asked, releases, reads: () => reads }
}

const now = { offset: 'now', handle: null, isLive: false, cursor: null }
const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('many readers at once', () => {
  test('[SHP-3] who comes while a look is under way shares the next one, and nothing is asked twice in it', async () => {
    const { look, asked, releases, reads } = counting()
    const first = look({ userId: 'ann', query: now })
    await tick()
    const crowd = ['ann', 'ben', 'ann', 'ben'].map((userId) => look({ userId, query: now }))
    releases.shift()?.()
    await first
    await tick()
    asked.length = 0
    releases.shift()?.()
    const readings = await Promise.all(crowd)
    expect(reads()).toBe(3)
    expect(asked).toEqual([
      'held ann',
      'heads project:1,user:ann',
      'since ann',
      'held ben',
      'heads user:ben',
      'since ben',
    ])
    const handles = readings.map(({ definition }) => definition.handle)
    expect(new Set(handles).size).toBe(2)
    expect(handles[0]).toBe(handles[2])
  })

  test('[SHP-3] a look that fails fails for those who shared it, and the next ones are looked for again', async () => {
    const { look, releases } = counting({ isFailing: true })
    const asked = [look({ userId: 'ann', query: now }), look({ userId: 'ben', query: now })]
    const outcomes = Promise.allSettled(asked)
    for (let turn = 0; turn < 6; turn += 1) {
      await tick()
      for (const release of releases.splice(0)) release()
    }
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const again = look({ userId: 'ann', query: now })
    await tick()
    expect(releases).toHaveLength(1)
    releases.shift()?.()
    await expect(again).rejects.toThrow('gone')
  })
})
