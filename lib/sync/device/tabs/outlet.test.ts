import { beforeEach, describe, expect, test } from 'vitest'
import { Browser } from '@/tests/tabs/browser'
import { Thread } from '@/tests/tabs/thread'
import { ActionRejected } from '../../action'
import { DeviceFailure, type LiveListener } from '../client'
import type { Device } from '../engine'
import { NewerTables } from '../fitting-database'
import { createReadable } from '../readable'
import type { ReceiptView, SyncStatus } from '../views'
import { serveTab } from './candidate'
import { connectTab, type Tab } from './outlet'
import { channelNames } from './words'

const status: SyncStatus = {
  ...{
    kind: 'synced',
    pendingCount: 0,
    lastExchangeAtMs: 5,
    message: null,
    storage: 'opfs',
    loading: null,
    isFull: false,
    begunAs: null,
  },
}
const receipt: ReceiptView = {
  ...{
    actionId: 'a',
    name: 'issue.claim',
    version: 1,
    input: { x: 1 },
    status: 'applied',
    reason: null,
    details: null,
  },
  ...{ restamped: false, mayBeRejected: false, difference: [], atMs: 1, seen: true },
}

const report = { comparedAtMs: 5, audiences: 3, left: 1, mismatches: [] }

/** A device that does what a test says, without a database. */
function createFakeDevice() {
  const wakes: boolean[] = []
  const tailing: string[] = []
  const executed: unknown[] = []
  let answer = async (): Promise<unknown> => null
  const device: Device = {
    userId: 'ann',
    status: createReadable(status),
    receipts: createReadable<readonly ReceiptView[]>([receipt]),
    execute: (name, input) => {
      executed.push([name, input])
      return Object.assign(answer(), { settled: Promise.resolve(receipt) })
    },
    settled: async (actionId) => ({ ...receipt, actionId }),
    recall: async () => null,
    markSeen: async () => undefined,
    exportData: async () => '{}',
    exportPending: async () => '{}',
    importPending: async () => ({ kind: 'unfit', why: 'not-ours' }),
    syncNow: async () => undefined,
    discardPending: async () => 3,
    verify: async () => report,
    digestReport: async () => report,
    resync: async () => undefined,
    wake: (isUrgent) => wakes.push(isUrgent),
    signedIn: () => wakes.push(true),
    startTail: () => void tailing.push('started'),
    stopTail: () => void tailing.push('stopped'),
    isTailing: () => tailing.at(-1) === 'live',
    storageFailed: () => undefined,
    resting: async () => undefined,
    close: async () => void executed.push('closed'),
  }
  return {
    ...{ device, wakes, executed, tailing },
    answers: (next: () => Promise<unknown>) => {
      answer = next
    },
  }
}

let browser: Browser
let fake: ReturnType<typeof createFakeDevice>
let watching: LiveListener[]

interface Opening {
  /** The database is open when this resolves. */
  readonly ready?: Promise<void>
}

beforeEach(() => {
  browser = new Browser({ next: () => 0 })
  fake = createFakeDevice()
  watching = []
})

const pass = (ms = 100) => browser.timeline.pass(ms)

function openTab({ ready = Promise.resolve() }: Opening = {}): Tab {
  const [page, worker] = [new Thread('page'), new Thread('worker')]
  const at = (thread: Thread) => ({
    openChannel: (name: string) => browser.openChannel(thread, name),
    schedule: (ms: number, work: () => void) => browser.timeline.after(ms, thread, work),
    now: () => browser.timeline.now(),
  })
  const { left, right } = browser.connect(page, worker)
  serveTab(right, {
    ...at(worker),
    locks: browser.locks(worker),
    onFailure: () => undefined,
    claim: async () => ({
      term: 1,
      open: async () => {
        await ready
        const watch = (_statement: unknown, listener: LiveListener) => {
          watching.push(listener)
          return () => void watching.splice(watching.indexOf(listener), 1)
        }
        return { device: fake.device, live: { watch } }
      },
    }),
  })
  return connectTab({
    ...at(page),
    tabId: 'tab',
    opening: { userId: 'ann', build: '1', isDevelopment: false },
    spawn: () => ({ ...left, terminate: () => browser.timeline.kill(worker) }),
    newId: () => '00000000-0000-4000-8000-00000000000a',
  })
}

/** What a promise came to, once time has passed. */
async function outcome<Value>(promise: Promise<Value>, ms = 100): Promise<unknown> {
  const heard: unknown[] = []
  promise.then(
    (value) => heard.push(value),
    (error: unknown) => heard.push(error),
  )
  await pass(ms)
  return heard[0]
}

describe('a tab and its device', () => {
  test('[TAB-1] an action is one message each way, and settles with its receipt', async () => {
    const tab = openTab()
    fake.answers(async () => ({ issueId: 'i' }))
    const call = tab.execute('issue.claim', { issueId: 'i' })
    expect(await outcome(call)).toEqual({ issueId: 'i' })
    expect(await outcome(call.settled)).toMatchObject({ status: 'applied' })
    expect(fake.executed).toEqual([['issue.claim', { issueId: 'i' }]])
    expect(tab.receipts.get()).toEqual([receipt])
    expect(await outcome(tab.digestReport())).toEqual(report)
  })

  test('[TAB-1] errors keep reason and details, code, SQLSTATE and constraint', async () => {
    const tab = openTab()
    fake.answers(() => Promise.reject(new ActionRejected('taken', { by: 'ben' })))
    const rejected = tab.execute('x.y', {})
    expect(await outcome(rejected)).toBeInstanceOf(ActionRejected)
    expect(await outcome(rejected)).toMatchObject({ reason: 'taken', details: { by: 'ben' } })
    expect(await outcome(rejected.settled)).toMatchObject({ reason: 'taken' })
    const database = { sqlState: '23505', constraint: 'labels_name' }
    fake.answers(() => Promise.reject(new DeviceFailure('error', 'duplicate', database)))
    expect(await outcome(tab.execute('x.y', {}))).toMatchObject({ code: 'error', ...database })
    fake.answers(() => Promise.reject(new TypeError('oops')))
    expect(await outcome(tab.execute('x.y', {}))).toMatchObject({ code: 'error', message: 'oops' })
  })

  test('[TAB-1] each call reaches the device as it was made, and its answer the caller', async () => {
    const tab = openTab()
    const asked: unknown[] = []
    Object.assign(fake.device, {
      markSeen: async (ids: unknown) => void asked.push('markSeen', ids),
      importPending: async (text: unknown) => {
        asked.push('importPending', text)
        return { kind: 'unfit', why: 'newer' }
      },
      exportData: async () => 'all of it',
      exportPending: async () => 'what waits',
      syncNow: async () => void asked.push('syncNow'),
      resync: async () => void asked.push('resync'),
      verify: async () => ({ ...report, left: 7 }),
    })
    const seen = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
    const answers = [
      await outcome(tab.markSeen(seen)),
      await outcome(tab.importPending('a file')),
      await outcome(tab.exportData()),
      await outcome(tab.exportPending()),
      await outcome(tab.syncNow()),
      await outcome(tab.resync()),
      await outcome(tab.verify()),
      await outcome(tab.discardPending()),
    ]
    expect(asked).toEqual(['markSeen', seen, 'importPending', 'a file', 'syncNow', 'resync'])
    const unfit = { kind: 'unfit', why: 'newer' }
    const nothing = null
    expect(answers.map((answer) => answer ?? nothing)).toEqual([
      ...[nothing, unfit, 'all of it', 'what waits', nothing, nothing],
      ...[{ ...report, left: 7 }, 3],
    ])
  })

  test('[TAB-1] [FM-23] no call waits for ever', async () => {
    const tab = openTab()
    fake.answers(() => new Promise(() => undefined))
    const call = tab.execute('x.y', {})
    expect(await outcome(call, 70_000)).toBeUndefined()
    expect(await outcome(call, 10_000)).toMatchObject({ code: 'timeout' })
    expect(await outcome(call.settled)).toMatchObject({ code: 'timeout' })
  })

  test('[TAB-1] what is called while the database opens waits for it, and is not begun when its caller has given up', async () => {
    let finish = (): void => undefined
    const ready = new Promise<void>((resolve) => {
      finish = resolve
    })
    const tab = openTab({ ready })
    const early = tab.execute('x.early', {})
    expect(await outcome(tab.exportData(), 40_000)).toBeUndefined()
    expect(tab.status.get().kind).toBe('starting')
    await pass(21_000)
    const late = tab.execute('x.late', {})
    finish()
    expect(await outcome(early)).toMatchObject({ code: 'timeout', message: expect.stringContaining('not begun') })
    expect(await outcome(late)).toBeNull()
    expect(fake.executed).toEqual([['x.late', {}]])
    expect(tab.status.get()).toEqual(status)
  })

  test('[TAB-1] what was done while the database opened is answered before screens are read anew', async () => {
    let [finish, end] = [(): void => undefined, (_value: null): void => undefined]
    const ready = new Promise<void>((resolve) => {
      finish = resolve
    })
    const tab = openTab({ ready })
    fake.answers(() => new Promise((resolve) => (end = resolve)))
    const stop = tab.watch({ sql: 'select 1', params: [] }, { onRows: () => undefined, onError: () => undefined })
    const early = tab.execute('x.early', {})
    await pass()
    finish()
    await pass(2_000)
    expect(fake.executed).toEqual([['x.early', {}]])
    expect(watching).toHaveLength(0)
    end(null)
    expect(await outcome(early, 2_000)).toBeNull()
    expect(watching).toHaveLength(1)
    stop()
  })

  test('[TAB-1] a live query tells rows and failures until it is stopped', async () => {
    const tab = openTab()
    const heard: unknown[] = []
    const onRows = (rows: unknown) => void heard.push(rows)
    const stop = tab.watch({ sql: 'select 1', params: [] }, { onRows, onError: (error) => heard.push(error.message) })
    await pass()
    watching[0]?.onRows([[1, 'text', null]])
    watching[0]?.onError(new Error('gone'))
    await pass()
    expect(heard).toEqual([[[1, 'text', null]], 'gone'])
    stop()
    await pass()
    expect(watching).toEqual([])
  })

  test('[TAB-2] a database that does not open says why and keeps the page alive', async () => {
    const ready = Promise.reject(new Error('no space left'))
    ready.catch(() => undefined)
    const tab = openTab({ ready })
    await pass()
    expect(tab.status.get()).toMatchObject({ kind: 'stopped', message: expect.stringContaining('no space left') })
    expect(await outcome(tab.exportData())).toMatchObject({ message: 'no space left' })
  })

  test('[MIG-1] tables of a newer app are told as an update that is needed, with what waits', async () => {
    const ready = Promise.reject(new NewerTables(2))
    ready.catch(() => undefined)
    const tab = openTab({ ready })
    await pass()
    expect(tab.status.get()).toMatchObject({ kind: 'needs-update', pendingCount: 2 })
    expect(tab.status.get().message).toMatch(/Reload to get it/)
    expect(await outcome(tab.exportData())).toMatchObject({ code: 'unavailable' })
  })

  test('[OUT-2] a file goes to the device as text, and what became of it comes back', async () => {
    const tab = openTab()
    await pass()
    expect(await outcome(tab.exportPending())).toBe('{}')
    expect(await outcome(tab.importPending('{}'))).toEqual({ kind: 'unfit', why: 'not-ours' })
  })

  test('[REC-1] it exchanges when it opens, when somebody looks, and after a while', async () => {
    const tab = openTab()
    await pass()
    expect(fake.wakes).toEqual([true])
    await pass(5_000)
    expect(fake.wakes).toEqual([true, false])
    tab.page('hidden')
    await pass(10_000)
    expect(fake.wakes).toEqual([true, false])
    await pass(21_000)
    expect(fake.wakes).toEqual([true, false, false])
    tab.page('visible')
    tab.page('online')
    tab.page('signed-in')
    await pass()
    expect(fake.wakes).toEqual([true, false, false, true, true, true])
  })

  test('[SHP-4] while changes are told by themselves it exchanges rarely, but not never', async () => {
    openTab()
    await pass()
    expect(fake.tailing).toEqual(['started'])
    fake.tailing.push('live')
    await pass(59_000)
    expect(fake.wakes).toEqual([true])
    await pass(2_000)
    expect(fake.wakes).toEqual([true, false])
    fake.tailing.push('cut')
    await pass(5_000)
    expect(fake.wakes).toEqual([true, false, false])
  })

  test('[TAB-1] [FM-26] what a former leader says is not heard any more', async () => {
    const tab = openTab()
    const rows: unknown[] = []
    const names = channelNames('ann')
    const elsewhere = (name: string) => browser.openChannel(new Thread('another worker'), name)
    const [everybody, line] = [elsewhere(names.everybody), elsewhere(names.tab('tab'))]
    const leads = (term: number) => {
      const leading = { kind: 'leading', term, tabId: 'other', build: '1', isOpen: true, tabs: 2 }
      everybody.postMessage(leading)
    }
    const says = (term: number) =>
      line.postMessage({ kind: 'answer', term, answer: { kind: 'rows', id: 1, rows: [[term]] } })
    tab.watch({ sql: 'select 1', params: [] }, { onRows: (raw) => rows.push(raw[0]?.[0]), onError: () => undefined })
    await pass()
    leads(5)
    await pass()
    says(5)
    await pass()
    leads(6)
    await pass()
    for (const term of [5, 6, 5]) says(term)
    leads(5)
    await pass()
    says(5)
    await pass()
    expect(rows).toEqual([5, 6])
  })

  test('[TAB-1] closing closes the database', async () => {
    const tab = openTab()
    await pass()
    const closed = outcome(tab.close().then(() => 'closed'))
    expect(await closed).toBe('closed')
    expect(fake.executed).toEqual(['closed'])
    expect(fake.tailing).toEqual(['started', 'stopped'])
  })
})
