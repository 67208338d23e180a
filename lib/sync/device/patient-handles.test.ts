import { describe, expect, test } from 'vitest'
import { type DirectoryPrototype, type HandlePrototype, patientHandles } from './patient-handles'

const taken = () => Object.assign(new Error('open elsewhere'), { name: 'NoModificationAllowedError' })

/** A directory in which no file is. */
const noFiles: DirectoryPrototype = {
  getFileHandle: async (name) => {
    throw Object.assign(new Error(name), { name: 'NotFoundError' })
  },
}

/** Timers that fire at once, and are counted. */
function createTimers() {
  const waits: number[] = []
  const schedule = (ms: number, work: () => void) => {
    waits.push(ms)
    queueMicrotask(work)
    return () => undefined
  }
  return { waits, schedule }
}

/** Handles that are taken so many times. */
function createHandles(times: number, error = taken) {
  let tries = 0
  const prototype: HandlePrototype = {
    createSyncAccessHandle: async () => {
      tries += 1
      if (tries <= times) throw error()
      return `handle ${tries}`
    },
  }
  return { prototype, tries: () => tries }
}

describe('handles of a worker that has just died', () => {
  test('[TAB-1] [FM-14] are asked for again until they are free', async () => {
    const { waits, schedule } = createTimers()
    const { prototype } = createHandles(3)
    const { restore } = patientHandles({ file: prototype, directory: noFiles }, schedule)
    expect(await prototype.createSyncAccessHandle()).toBe('handle 4')
    expect(waits).toEqual([50, 50, 50])
    restore()
    expect(await prototype.createSyncAccessHandle()).toBe('handle 5')
  })

  test('[TAB-1] [FM-26] are given up when they stay taken, and whoever opens hears of it though nobody else does', async () => {
    const { schedule } = createTimers()
    const { prototype, tries } = createHandles(1_000)
    const handles = patientHandles({ file: prototype, directory: noFiles }, schedule)
    // As PGlite's file system does it: nobody hears of this.
    const opening = new Promise((resolve) => void prototype.createSyncAccessHandle().then(resolve, () => undefined))
    await expect(Promise.race([opening, handles.broken])).rejects.toMatchObject({ name: 'NoModificationAllowedError' })
    expect(tries()).toBe(60)
  })

  test('[TAB-2] another failure is told at once', async () => {
    const { waits, schedule } = createTimers()
    const { prototype } = createHandles(1, () => new Error('no space'))
    patientHandles({ file: prototype, directory: noFiles }, schedule)
    await expect(prototype.createSyncAccessHandle()).rejects.toThrow('no space')
    expect(waits).toEqual([])
  })

  test('[FM-13] a file that is missing is told, though PGlite’s file system waits for it for ever', async () => {
    const { schedule } = createTimers()
    const directory = { ...noFiles }
    const handles = patientHandles({ file: createHandles(0).prototype, directory }, schedule)
    directory.getFileHandle('000a').catch(() => undefined)
    await expect(handles.broken).rejects.toMatchObject({ trouble: 'damaged', message: expect.stringContaining('000a') })
    handles.restore()
    expect(directory.getFileHandle).toBe(noFiles.getFileHandle)
  })
})
