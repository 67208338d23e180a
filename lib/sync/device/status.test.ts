import { describe, expect, test } from 'vitest'
import { type Failure, firstPushState, type PushState } from '../core/push-loop'
import { type StatusQuestion, statusOf } from './status'

const pace = { kind: 'full' } as const
const waiting = (why: Failure): PushState => ({ kind: 'waiting', pace, attempt: 1, why })
const exchanging = (attempt: number): PushState => ({ kind: 'exchanging', pace, isQueued: false, attempt, told: 0 })

function ask(fields: Partial<StatusQuestion> = {}) {
  const quiet = {
    isOutdated: false,
    waitingCount: 0,
    lastExchangeAtMs: 5,
    isLoading: false,
    loading: null,
    failure: null,
    isFull: false,
    begunAs: null,
  } as const
  return statusOf({ push: firstPushState, storage: 'opfs', ...quiet, ...fields })
}

describe('the status', () => {
  test('says what waits, or that nothing does', () => {
    expect(ask()).toMatchObject({ kind: 'synced', pendingCount: 0, message: null })
    expect(ask({ waitingCount: 3 })).toMatchObject({ kind: 'waiting', pendingCount: 3 })
    expect(ask({ isLoading: true }).kind).toBe('loading')
    const loading = { rows: 43_000, ofRows: 100_000 }
    expect(ask({ loading })).toMatchObject({ kind: 'loading', loading })
  })

  test('[NET-1] is offline until an exchange was answered again, not when one is tried', () => {
    expect(ask({ push: waiting('offline'), waitingCount: 2 })).toMatchObject({ kind: 'offline', pendingCount: 2 })
    expect(ask({ push: exchanging(1) }).kind).toBe('offline')
    expect(ask({ push: exchanging(0) }).kind).toBe('synced')
    expect(ask({ push: waiting('busy') }).kind).toBe('synced')
  })

  test('[NET-1] tells a person what they can do', () => {
    expect(ask({ push: waiting('invalid') }).message).toContain('sign-in page')
    expect(ask({ push: waiting('server') })).toMatchObject({
      kind: 'offline',
      message: expect.stringContaining('server'),
    })
    expect(ask({ push: waiting('refused') })).toMatchObject({
      kind: 'needs-update',
      message: expect.stringContaining('Reload'),
    })
    expect(ask({ push: { kind: 'signed-out', pace } }).kind).toBe('signed-out')
    expect(ask({ push: { kind: 'stopped' }, failure: '[HLC-1] Not a clock' })).toMatchObject({
      kind: 'stopped',
      message: expect.stringContaining('[HLC-1]'),
    })
  })

  test('[DEP-2] calmly asks for an update as long as the server has other tables, and is offline all the same', () => {
    const outdated = (push: PushState) => ask({ push, isOutdated: true, waitingCount: 2 })
    for (const push of [firstPushState, exchanging(0), exchanging(3), waiting('refused')]) {
      expect(outdated(push)).toMatchObject({ kind: 'needs-update', message: expect.stringContaining('work is kept') })
    }
    expect(outdated(waiting('offline')).kind).toBe('offline')
    expect(outdated({ kind: 'signed-out', pace }).kind).toBe('signed-out')
  })

  test('[TAB-2] says when nothing is kept', () => {
    expect(ask({ storage: 'memory' }).message).toContain('Not kept on this device')
  })
})
