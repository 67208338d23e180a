import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createIndexedDbOutbox } from '@/lib/sync/device/outbox-indexeddb'
import { createSeenRows } from '@/lib/sync/device/seen-rows'
import { forgetPerson, forgetTheRest, keepPerson } from './forget'
import { outboxName, seenName } from './names'

/** Its keys are its properties, as in a browser. */
function createStorage(): Storage {
  const items = new Map<string, string>()
  return {
    get length() {
      return items.size
    },
    key: (place: number) => [...items.keys()][place] ?? null,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  } as Storage
}

let directories: Set<string>
/** Null: somebody has a file in there open. */
let removeEntry: ((name: string) => void) | null

beforeEach(() => {
  directories = new Set(['beamline-ann-pg18-v1-1', 'beamline-ann-pg17-v1-3', 'beamline-anna-pg18-v1-1'])
  removeEntry = (name) => void directories.delete(name)
  const root = {
    keys: async function* () {
      yield* [...directories]
    },
    removeEntry: async (name: string) => {
      if (removeEntry === null) throw new DOMException('taken', 'NoModificationAllowedError')
      removeEntry(name)
    },
  }
  vi.stubGlobal('navigator', { storage: { getDirectory: async () => root } })
  vi.stubGlobal('localStorage', createStorage())
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const state = { clientId: 'c', lastOrdinal: 1, lastClock: '', offsetMs: 0, directory: 1 }
const record = {
  ...{ id: 'a', clock: '0', name: 'note.write', version: 1, input: '{}', ordinal: 1 },
  ...{ failures: 0, hold: null },
}

async function used(userId: string, confirmedAtMs: number | null = 1) {
  const outbox = createIndexedDbOutbox(outboxName(userId))
  await outbox.add({ ...record, confirmedAtMs }, state as never)
  await outbox.close()
  await createSeenRows(seenName(userId), () => 1).write([{ id: 'q', rows: [['row']] }])
  localStorage.setItem(`beamline.kept.${userId}`, '{}')
  localStorage.setItem(`beamline.acting.${userId}.1`, '')
}

async function left(userId: string) {
  const names = (await indexedDB.databases()).map(({ name }) => name ?? '')
  const keys = Array.from({ length: localStorage.length }, (_, place) => localStorage.key(place) ?? '')
  const isTheirs = (name: string) => new RegExp(`[-.]${userId}($|[-.])`).test(name)
  return [...directories, ...names, ...keys].filter(isTheirs).sort()
}

describe('a browser that others use too', () => {
  test('[DEV-1] keeps nothing of a person who asked for that, and all of others', async () => {
    await used('ann')
    await used('anna')
    const before = await left('anna')
    expect(await left('ann')).toHaveLength(6)
    expect(await forgetPerson('ann')).toBe('gone')
    expect(await left('ann')).toEqual([])
    expect(await left('anna')).toEqual(before)
    expect(before).toHaveLength(5)
  })

  test('[DEV-1, OUT-1] never removes work that the server does not know', async () => {
    await used('ben', null)
    const before = await left('ben')
    expect(await forgetPerson('ben')).toBe('unsent')
    expect(await left('ben')).toEqual(before)
    await forgetTheRest()
    expect(await left('ben')).toEqual(before)
  })

  test('[DEV-1] goes on at the next start with what somebody still had open, unless the person is back', async () => {
    for (const isBack of [true, false]) {
      directories.add('beamline-cleo-pg18-v1-1')
      await used('cleo')
      const remove = removeEntry
      removeEntry = null
      expect(await forgetPerson('cleo')).toBe('open')
      removeEntry = remove
      if (isBack) keepPerson('cleo')
      await forgetTheRest()
      expect((await left('cleo')).length).toBe(isBack ? 5 : 0)
    }
  })
})
