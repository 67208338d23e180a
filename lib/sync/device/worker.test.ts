import { afterEach, describe, expect, test } from 'vitest'
import { ActionRejected } from '../action'
import type { LiveListener, RawRow } from './client'
import { DeviceFailure } from './client'
import type { Device } from './engine'
import { createReadable } from './readable'
import type { ReceiptView, SyncStatus } from './views'
import { connectDevice } from './worker-client'
import { type OpenDevice, serveDevice } from './worker-host'
import type { Port } from './worker-protocol'

const status: SyncStatus = {
  kind: 'synced',
  pendingCount: 0,
  lastExchangeAtMs: 5,
  message: null,
  storage: 'opfs',
  loading: null,
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
    receipts: createReadable<readonly ReceiptView[]>([]),
    execute: (name, input, actionId) => {
      executed.push([name, input])
      const run = answer()
      const settled = run.then(() => ({ ...receipt, actionId: actionId ?? '' }))
      settled.catch(() => undefined)
      return Object.assign(run, { settled })
    },
    markSeen: async () => undefined,
    exportData: async () => '{}',
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
    resting: async () => undefined,
    close: async () => undefined,
  }
  return {
    ...{ device, wakes, executed, tailing },
    answers: (next: () => Promise<unknown>) => {
      answer = next
    },
  }
}

const ports: MessagePort[] = []
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

function connect(
  options: { open?: (onBusy: () => void) => Promise<void>; watch?: (listener: LiveListener) => void } = {},
) {
  const fake = createFakeDevice()
  const channel = new MessageChannel()
  ports.push(channel.port1, channel.port2)
  for (const port of [channel.port1, channel.port2]) port.start()
  const timers: { ms: number; work: () => void }[] = []
  const schedule = (ms: number, work: () => void) => {
    const timer = { ms, work }
    timers.push(timer)
    return () => void timers.splice(timers.indexOf(timer), 1)
  }
  const stopped: string[] = []
  serveDevice(channel.port2 as Port, {
    schedule,
    open: async (_opening, onBusy): Promise<OpenDevice> => {
      await options.open?.(onBusy)
      const watch = (_statement: unknown, listener: LiveListener) => {
        options.watch?.(listener)
        return () => void stopped.push('stopped')
      }
      return { device: fake.device, live: { watch }, release: () => void stopped.push('released') }
    },
  })
  const client = connectDevice({
    port: channel.port1 as Port,
    opening: { userId: 'ann', build: 'b', isDevelopment: false },
    schedule,
    onClosed: () => void stopped.push('closed'),
  })
  return { ...fake, client, timers, stopped }
}

function changed(readable: { subscribe(listener: () => void): () => void }): Promise<void> {
  return new Promise((resolve) => {
    const stop = readable.subscribe(() => {
      stop()
      resolve()
    })
  })
}

describe('a device in a worker', () => {
  test('[TAB-1] an action is one message each way, and settles with its receipt', async () => {
    const { client, answers, executed } = connect()
    answers(async () => ({ issueId: 'i' }))
    const call = client.execute('issue.claim', { issueId: 'i' })
    expect(await call).toEqual({ issueId: 'i' })
    expect(await call.settled).toMatchObject({ status: 'applied' })
    expect(executed).toEqual([['issue.claim', { issueId: 'i' }]])
  })

  test('[TAB-1] errors keep reason and details, code, SQLSTATE and constraint', async () => {
    const { client, answers } = connect()
    answers(() => Promise.reject(new ActionRejected('taken', { by: 'ben' })))
    const rejected = client.execute('x.y', {})
    await expect(rejected).rejects.toBeInstanceOf(ActionRejected)
    await expect(rejected).rejects.toMatchObject({ reason: 'taken', details: { by: 'ben' } })
    await expect(rejected.settled).rejects.toMatchObject({ reason: 'taken' })
    const database = { sqlState: '23505', constraint: 'labels_name' }
    answers(() => Promise.reject(new DeviceFailure('error', 'duplicate', database)))
    await expect(client.execute('x.y', {})).rejects.toMatchObject({ code: 'error', ...database })
    answers(() => Promise.reject(new TypeError('oops')))
    await expect(client.execute('x.y', {})).rejects.toMatchObject({ code: 'error', message: 'oops' })
  })

  test('[TAB-1] no call waits for ever', async () => {
    const { client, answers, timers } = connect()
    answers(() => new Promise(() => undefined))
    const call = client.execute('x.y', {})
    const [deadline] = timers.filter((timer) => timer.ms >= 60_000)
    deadline?.work()
    await expect(call).rejects.toMatchObject({ code: 'timeout' })
    await expect(call.settled).rejects.toMatchObject({ code: 'timeout' })
  })

  test('[TAB-1] what is called while the database opens waits for it', async () => {
    let finish = (): void => undefined
    const opening = new Promise<void>((resolve) => {
      finish = resolve
    })
    const { client, executed } = connect({ open: () => opening })
    const call = client.execute('x.y', {})
    const exported = client.exportData()
    expect(client.status.get().kind).toBe('starting')
    expect(executed).toEqual([])
    finish()
    await call
    expect(await exported).toBe('{}')
    expect(client.status.get()).toEqual(status)
  })

  test('[TAB-1] while another tab has the database, calls say so, and watches begin when it is free', async () => {
    let free = (): void => undefined
    const lock = new Promise<void>((resolve) => {
      free = resolve
    })
    const { client } = connect({
      open: async (onBusy) => {
        onBusy()
        await lock
      },
      watch: (listener) => listener.onRows([[1, 'text', null]]),
    })
    await changed(client.status)
    expect(client.status.get().kind).toBe('busy-elsewhere')
    let arrived: readonly RawRow[] | null = null
    const rows = new Promise<void>((resolve, reject) => {
      const onRows = (raw: readonly RawRow[]) => {
        arrived = raw
        resolve()
      }
      client.watch({ sql: 'select 1', params: [] }, { onRows, onError: reject })
    })
    await expect(client.execute('x.y', {})).rejects.toMatchObject({ code: 'unavailable' })
    expect(arrived).toBeNull()
    free()
    await rows
    expect(arrived).toEqual([[1, 'text', null]])
    expect(await client.exportData()).toBe('{}')
  })

  test('[TAB-2] a database that does not open says why and keeps the page alive', async () => {
    const { client } = connect({ open: () => Promise.reject(new Error('no space left')) })
    await changed(client.status)
    expect(client.status.get()).toMatchObject({ kind: 'stopped', message: expect.stringContaining('no space left') })
    await expect(client.exportData()).rejects.toMatchObject({ message: 'no space left' })
  })

  test('[REC-1] it exchanges when it opens, when somebody looks, and after a while', async () => {
    const { client, wakes, timers } = connect()
    await client.syncNow()
    expect(wakes).toEqual([true])
    const poll = (ms: number) => timers.filter((timer) => timer.ms === ms)
    poll(5_000)[0]?.work()
    expect(wakes).toEqual([true, false])
    client.page('hidden')
    await client.syncNow()
    expect(poll(5_000)).toEqual([])
    expect(poll(30_000)).toHaveLength(1)
    client.page('visible')
    client.page('online')
    client.page('signed-in')
    await client.syncNow()
    expect(wakes).toEqual([true, false, true, true, true])
  })

  test('[SHP-4] while changes are told by themselves it exchanges rarely, but not never', async () => {
    const { client, wakes, timers, tailing } = connect()
    await client.syncNow()
    expect(tailing).toEqual(['started'])
    const poll = () =>
      timers
        .filter((timer) => timer.ms === 5_000)
        .at(-1)
        ?.work()
    tailing.push('live')
    for (let turn = 1; turn <= 11; turn += 1) poll()
    expect(wakes).toEqual([true])
    poll()
    expect(wakes).toEqual([true, false])
    tailing.push('cut')
    poll()
    expect(wakes).toEqual([true, false, false])
  })

  test('[TAB-1] closing releases the database for the next tab and ends the worker', async () => {
    const { client, stopped } = connect()
    await client.syncNow()
    await client.close()
    expect(stopped).toEqual(['released', 'closed'])
  })
})
