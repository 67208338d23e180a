import { describe, expect, it } from 'vitest'
import type { SyncStatus } from '@/lib/sync/react'
import { type Memory, remember } from './kept'

const status: SyncStatus = {
  ...{ kind: 'synced', pendingCount: 0, lastExchangeAtMs: 1, loading: null, message: null },
  ...{ storage: 'opfs', isFull: false, begunAs: null },
}
const known: Memory = { id: 'device-1', pendingCount: 3, lost: null }

describe('what a browser kept', () => {
  it('[FM-12] a first start is no loss, and neither is a start of what was kept', () => {
    const first = remember(null, { ...status, begunAs: 'device-1' })
    expect(first).toEqual({ id: 'device-1', pendingCount: 0, lost: null })
    expect(remember(first, { ...status, begunAs: 'device-1', pendingCount: 2 })).toMatchObject({ lost: null })
    expect(remember(known, status)).toEqual({ id: 'device-1', pendingCount: 0, lost: null })
  })

  it('[FM-12] a device that begins anew where one was says how much the server never had, once', () => {
    const lost = remember(known, { ...status, begunAs: 'device-2' })
    expect(lost).toEqual({ id: 'device-2', pendingCount: 0, lost: 3 })
    expect(remember(lost, { ...status, begunAs: 'device-2' })).toEqual(lost)
    expect(remember({ ...known, id: 'device-2', lost: 3 }, { ...status, begunAs: 'device-3' })?.lost).toBe(6)
  })

  it('[FM-12, FM-16] a device that opens, or keeps nothing, says nothing', () => {
    expect(remember(known, { ...status, storage: null })).toBe(known)
    expect(remember(known, { ...status, storage: 'memory', begunAs: 'device-2' })).toBe(known)
    expect(remember(null, { ...status, storage: null })).toBeNull()
  })
})
