import { describe, expect, it } from 'vitest'
import type { SyncStatus } from '@/lib/sync/react'
import { statusWords } from './status-sentence'

const status = (kind: SyncStatus['kind'], pendingCount = 0): SyncStatus => ({
  kind,
  pendingCount,
  lastExchangeAtMs: 5,
  message: null,
  storage: 'opfs',
  loading: null,
  isFull: false,
  begunAs: null,
})

describe('the words of the status', () => {
  it.each([
    ['synced', 0, 'Synced'],
    ['waiting', 1, '1 waiting'],
    ['waiting', 12, '12 waiting'],
    ['offline', 0, 'Offline'],
    ['offline', 3, 'Offline · 3 waiting'],
    ['signed-out', 2, 'Signed out · 2 waiting'],
  ] as const)('%s with %i pending', (kind, pendingCount, short) => {
    expect(statusWords(status(kind, pendingCount)).short).toBe(short)
  })

  it('counts in whole sentences', () => {
    expect(statusWords(status('offline', 1)).long).toBe(
      '1 change waits on this device and will be sent once you are online.',
    )
    expect(statusWords(status('waiting', 2)).long).toBe('2 changes wait for the server’s answer.')
  })

  it('[SNAP-1] says how far it is while many rows are on their way', () => {
    const words = statusWords({ ...status('loading'), loading: { rows: 43_000, ofRows: 100_000 } })
    expect(words.short).toBe('Loading 43%')
    expect(words.long).toBe('Loading 43,000 of 100,000 rows. You can work meanwhile.')
    expect(statusWords(status('loading')).short).toBe('Loading')
  })

  it('says what the engine has to say when it stopped', () => {
    expect(statusWords({ ...status('stopped'), message: 'Rule REB-1 was broken.' }).long).toBe('Rule REB-1 was broken.')
  })

  it('[TAB-2] [OUT-1] a device without rows says that they need the network, as one whose files were left aside', () => {
    const empty = { ...status('offline', 2), lastExchangeAtMs: null }
    expect(statusWords(empty).long).toBe(
      'Nothing is loaded on this device yet: your projects need the network once. 2 changes wait on this device.',
    )
    expect(statusWords({ ...empty, pendingCount: 0 }).long).toContain('need the network once.')
  })
})
