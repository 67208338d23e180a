import { describe, expect, test } from 'vitest'
import { type Directory, directoryName, isLeftOver, KindUnusable, openStorage, storageLadder } from './storage'
import { StorageFailure } from './storage-failure'

const directory: Directory = { app: 'beamline', userId: 'ann', postgresMajor: 18, layout: 1, number: 1 }

const unstolen = { directory, isStolen: false }

describe('storage', () => {
  test('[TAB-2] files first, then IndexedDB, then memory; without locks nothing is kept', () => {
    const all = { hasLocks: true, hasSyncAccessHandles: true, hasIndexedDb: true }
    expect(storageLadder(all)).toEqual(['opfs', 'indexeddb', 'memory'])
    expect(storageLadder({ ...all, hasSyncAccessHandles: false })).toEqual(['indexeddb', 'memory'])
    expect(storageLadder({ ...all, hasLocks: false })).toEqual(['memory'])
  })

  test('[DEV-1, FM-49] no two users share a directory, whatever their ids look like', () => {
    expect(directoryName(directory)).toBe('beamline-ann-pg18-v1-1')
    const names = ['a/b', 'a_b', 'a_2f_b', 'A/b'].map((userId) => directoryName({ ...directory, userId }))
    expect(new Set(names).size).toBe(4)
    expect(names.every((name) => /^[\w-]+$/.test(name))).toBe(true)
  })

  test('[OUT-1] a directory that does not open is left aside for a new one of the same kind', async () => {
    const tried: string[] = []
    const opened = await openStorage({
      ladder: ['opfs', 'memory'],
      ...unstolen,
      open: async (kind, name) => {
        tried.push(`${kind} ${name}`)
        if (name.endsWith('-1')) throw new Error('broken')
      },
      onFailure: () => undefined,
    })
    expect(opened).toMatchObject({ kind: 'opfs', number: 2 })
    expect(tried).toEqual(['opfs beamline-ann-pg18-v1-1', 'opfs beamline-ann-pg18-v1-2'])
  })

  test('[TAB-2] when a kind does not work at all, the next one is taken and the failure told', async () => {
    const failures: unknown[] = []
    const opened = await openStorage({
      ladder: ['opfs', 'indexeddb', 'memory'],
      ...unstolen,
      open: async (kind) => {
        if (kind === 'opfs') throw new Error('no handles')
      },
      onFailure: (error) => failures.push(error),
    })
    expect(opened).toMatchObject({ kind: 'indexeddb', number: 1 })
    expect(failures).toHaveLength(2)
  })

  const taken = () => Object.assign(new Error('open elsewhere'), { name: 'NoModificationAllowedError' })

  test('[FM-14] [FM-26] what a frozen tab has open is left aside: handles are tried, IndexedDB is not even touched', async () => {
    const tried: string[] = []
    const stolen = { directory, isStolen: true, onFailure: () => undefined }
    const open = async (kind: string, name: string) => {
      tried.push(`${kind} ${name}`)
      if (name.endsWith('-1')) throw taken()
    }
    expect(await openStorage({ ...stolen, ladder: ['opfs'], open })).toMatchObject({ kind: 'opfs', number: 2 })
    tried.length = 0
    expect(await openStorage({ ...stolen, ladder: ['indexeddb'], open })).toMatchObject({ number: 2 })
    expect(tried).toEqual(['indexeddb beamline-ann-pg18-v1-2'])
  })

  test('[TAB-2] when nothing works the last reason is thrown', async () => {
    const opening = { ladder: ['memory'] as const, ...unstolen, onFailure: () => undefined }
    await expect(openStorage({ ...opening, open: () => Promise.reject(new Error('no memory')) })).rejects.toThrow(
      'no memory',
    )
  })

  /** What is tried when opening fails so. */
  async function triedWhen(fails: (kind: string, name: string) => Error | null) {
    const tried: string[] = []
    const open = async (kind: string, name: string, isAgain: boolean) => {
      tried.push(`${kind} ${name.slice(-1)}${isAgain ? ' again' : ''}`)
      const error = fails(kind, name)
      if (error) throw error
    }
    const ladder = ['opfs', 'indexeddb', 'memory'] as const
    const opened = await openStorage({ ladder, ...unstolen, open, onFailure: () => undefined }).catch(
      (error: unknown) => error,
    )
    return { tried, opened }
  }

  test('[TAB-2, FM-16] a kind that throws, or never answers where nothing was, is passed over, down to memory', async () => {
    const never = await triedWhen((kind) => (kind === 'memory' ? null : new KindUnusable('not in time')))
    expect(never.tried).toEqual(['opfs 1', 'indexeddb 1', 'memory 1'])
    const throwing = await triedWhen((kind) => (kind === 'memory' ? null : new Error('SecurityError')))
    expect(throwing.tried).toEqual(['opfs 1', 'opfs 2 again', 'indexeddb 1', 'indexeddb 2 again', 'memory 1'])
    expect(throwing.opened).toMatchObject({ kind: 'memory', number: 1 })
  })

  test('[TAB-2, FM-17] where handles run out IndexedDB is taken', async () => {
    const { opened } = await triedWhen((kind) => (kind === 'opfs' ? new Error('Too many open handles') : null))
    expect(opened).toMatchObject({ kind: 'indexeddb' })
  })

  test('[FM-10] on a full disk no other directory is begun, and the one that is there stays in use', async () => {
    const full = new DOMException('The quota has been exceeded.', 'QuotaExceededError')
    const { tried, opened } = await triedWhen(() => new Error('It could not be opened', { cause: full }))
    expect(tried).toEqual(['opfs 1'])
    expect(opened).toMatchObject({ cause: full })
  })

  test('[FM-18] without the memory for one database no other is tried', async () => {
    const { tried, opened } = await triedWhen(() => new RangeError('WebAssembly.Memory(): could not allocate memory'))
    expect(tried).toEqual(['opfs 1'])
    expect(opened).toBeInstanceOf(RangeError)
  })

  test('[OUT-1, FM-13] a damaged directory is left aside for a new one', async () => {
    const damaged = new StorageFailure('damaged', 'A file is missing')
    const { opened } = await triedWhen((_kind, name) => (name.endsWith('1') ? damaged : null))
    expect(opened).toMatchObject({ kind: 'opfs', number: 2 })
  })

  test('[FM-15, DEV-1] what is not needed any more is what was left aside and older versions, of this user alone', () => {
    const current = { ...directory, number: 2 }
    const isOld = (change: Partial<Directory>) => isLeftOver(directoryName({ ...current, ...change }), current)
    expect([
      isOld({ number: 1 }),
      isOld({ number: 3 }),
      isOld({ layout: 0, number: 9 }),
      isOld({ postgresMajor: 17 }),
    ]).toEqual([true, true, true, true])
    expect([
      isOld({}),
      isOld({ postgresMajor: 19 }),
      isOld({ layout: 2 }),
      isOld({ userId: 'anna', number: 1 }),
    ]).toEqual([false, false, false, false])
    expect(['', 'other', `${directoryName(current)}-copy`].map((name) => isLeftOver(name, current))).toEqual([
      false,
      false,
      false,
    ])
  })
})
