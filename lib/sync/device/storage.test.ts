import { describe, expect, test } from 'vitest'
import { type Directory, directoryName, openStorage, storageLadder } from './storage'

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
})
