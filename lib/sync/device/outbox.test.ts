import 'fake-indexeddb/auto'
import { forceCloseDatabase } from 'fake-indexeddb'
import { deleteDB } from 'idb'
import { describe, expect, test } from 'vitest'
import { encodeClock } from '../core/hlc'
import type { Outbox, OutboxRecord, OutboxState } from './outbox'
import { createIndexedDbOutbox } from './outbox-indexeddb'
import { createMemoryOutbox } from './outbox-memory'

const clientId = '00000000-0000-4000-8000-000000000001'
const clock = (ms: number) => encodeClock({ ms, counter: 0, clientId })
const state = (lastOrdinal: number): OutboxState => ({
  clientId,
  lastOrdinal,
  lastClock: clock(lastOrdinal),
  offsetMs: 0,
  directory: 1,
})

function record(ordinal: number): OutboxRecord {
  return {
    id: `00000000-0000-4000-9000-00000000000${ordinal}`,
    name: 'issue.claim',
    version: 1,
    input: '{}',
    ordinal,
    clock: clock(ordinal),
    confirmedAtMs: null,
    failures: 0,
    hold: null,
  }
}

let databases = 0
const kinds: { name: string; create: () => { outbox: Outbox; again: () => Outbox } }[] = [
  {
    name: 'IndexedDB',
    create: () => {
      databases += 1
      const name = `outbox-${databases}`
      return { outbox: createIndexedDbOutbox(name), again: () => createIndexedDbOutbox(name) }
    },
  },
  {
    name: 'memory',
    create: () => {
      const outbox = createMemoryOutbox()
      return { outbox, again: () => outbox }
    },
  },
]

describe.each(kinds)('the outbox in $name', ({ create }) => {
  test('[OUT-1] a new one has no state and no records', async () => {
    expect(await create().outbox.load()).toEqual({ state: null, records: [] })
  })

  test('[OUT-2] new records, changed ones and the state are written together, or none of them', async () => {
    const { outbox, again } = create()
    await outbox.add(record(1), state(1))
    const later = (one: OutboxRecord) => ({ ...one, ordinal: one.ordinal + 10 })
    const broken = outbox.rewrite({
      add: [record(2)],
      state: state(12),
      change: () => {
        throw new Error('no')
      },
    })
    await expect(broken).rejects.toThrow('no')
    expect(await outbox.load()).toEqual({ state: state(1), records: [record(1)] })
    await outbox.rewrite({ change: later, add: [record(2)], state: state(12) })
    await outbox.close()
    expect(await again().load()).toEqual({ state: state(12), records: [record(2), { ...record(1), ordinal: 11 }] })
  })

  test('[EXE-1] a record and the state are there after it was opened again, in ordinal order', async () => {
    const { outbox, again } = create()
    await outbox.add(record(2), state(2))
    await outbox.add(record(1), state(3))
    await outbox.close()
    expect(await again().load()).toEqual({ state: state(3), records: [record(1), record(2)] })
  })

  test('[OUT-1] marks are rewritten for the named records only', async () => {
    const { outbox } = create()
    await outbox.add(record(1), state(1))
    await outbox.add(record(2), state(2))
    const confirmedAtMs = 77
    await outbox.rewrite({ ids: [record(2).id], change: (known) => ({ ...known, confirmedAtMs }) })
    const { records } = await outbox.load()
    expect(records).toEqual([record(1), { ...record(2), confirmedAtMs }])
  })

  test('[OUT-1] records are removed, unknown ids are ignored', async () => {
    const { outbox } = create()
    await outbox.add(record(1), state(1))
    await outbox.add(record(2), state(2))
    await outbox.rewrite({ ids: [record(1).id, record(9).id], change: () => null })
    expect((await outbox.load()).records).toEqual([record(2)])
  })

  test('[HLC-4] CX-45 all records are renumbered together with the state', async () => {
    const { outbox } = create()
    await outbox.add(record(4), state(4))
    await outbox.add(record(7), state(7))
    let next = 0
    await outbox.rewrite({ change: (known) => ({ ...known, ordinal: known.ordinal - 3 }), state: state(++next) })
    expect(await outbox.load()).toEqual({
      state: state(1),
      records: [
        { ...record(4), ordinal: 1 },
        { ...record(7), ordinal: 4 },
      ],
    })
  })

  test('[EXE-1] a change that throws leaves everything as it was', async () => {
    const { outbox } = create()
    await outbox.add(record(1), state(1))
    const broken = () => {
      throw new Error('no')
    }
    await expect(outbox.rewrite({ change: broken, state: state(9) })).rejects.toThrow('no')
    expect(await outbox.load()).toEqual({ state: state(1), records: [record(1)] })
  })

  test('[EXE-1] writes take effect in the order they were begun', async () => {
    const { outbox } = create()
    await Promise.all([
      outbox.add(record(1), state(1)),
      outbox.add(record(2), state(2)),
      outbox.rewrite({ ids: [record(1).id], change: () => null, state: state(3) }),
    ])
    expect(await outbox.load()).toEqual({ state: state(3), records: [record(2)] })
  })
})

test('[EXE-1] a full disk fails the write and nothing else', async () => {
  const outbox = createMemoryOutbox()
  outbox.failWith(new Error('QuotaExceeded'))
  await expect(outbox.add(record(1), state(1))).rejects.toThrow('QuotaExceeded')
  outbox.failWith(null)
  expect((await outbox.load()).records).toEqual([])
})

describe('an outbox that several tabs have', () => {
  const open = (name: string) => {
    const lost: string[] = []
    return { outbox: createIndexedDbOutbox(name, { onLost: () => lost.push('lost'), now: () => 0 }), lost }
  }

  test('[TAB-1] [FM-26] who led before writes nothing any more, and nothing of what he tried is there', async () => {
    const [first, second] = [open('led-1'), open('led-1')]
    expect(await first.outbox.lead()).toBe(1)
    await first.outbox.add(record(1), state(1))
    expect(await second.outbox.lead()).toBe(2)
    await expect(first.outbox.add(record(2), state(2))).rejects.toMatchObject({ code: 'unavailable' })
    await expect(first.outbox.rewrite({ change: () => null })).rejects.toMatchObject({ code: 'unavailable' })
    expect(first.lost).toEqual(['lost', 'lost'])
    await second.outbox.add(record(3), state(3))
    const { records, state: kept } = await second.outbox.load()
    expect(records.map(({ ordinal }) => ordinal)).toEqual([1, 3])
    expect(kept).toEqual(state(3))
    expect(second.lost).toEqual([])
  })

  test('[TAB-1] [FM-25] each leader has a term of its own, and only the last one may send', async () => {
    const tabs = [open('led-2'), open('led-2'), open('led-2')]
    expect(await Promise.all(tabs.map(({ outbox }) => outbox.lead()))).toEqual([1, 2, 3])
    expect(await Promise.all(tabs.map(({ outbox }) => outbox.isLeading()))).toEqual([false, false, true])
    expect(tabs.map(({ lost }) => lost.length)).toEqual([1, 1, 0])
  })

  test('[TAB-1] [FM-20] terms go on rising when everything was taken away, and who led writes nothing into what is new', async () => {
    let nowMs = 1_000
    const lost: string[] = []
    const outbox = createIndexedDbOutbox('led-3', { onLost: () => lost.push('lost'), now: () => nowMs })
    expect(await outbox.lead()).toBe(1_000)
    await outbox.add(record(1), state(1))
    await outbox.close()
    await deleteDB('led-3')
    await expect(outbox.add(record(2), state(2))).rejects.toMatchObject({ trouble: 'gone' })
    expect(lost).toEqual(['lost'])
    nowMs += 1
    const next = createIndexedDbOutbox('led-3', { now: () => nowMs })
    expect(await next.lead()).toBe(1_001)
    expect(await next.load()).toEqual({ state: null, records: [] })
  })

  test('[FM-10] on a full disk one may lead, and the term is written with the first write that finds room', async () => {
    const former = createIndexedDbOutbox('led-4', { now: () => 5 })
    await former.lead()
    const fill = fillDisk()
    const lost: string[] = []
    const outbox = createIndexedDbOutbox('led-4', { onLost: () => lost.push('lost'), now: () => 7 })
    expect(await outbox.lead()).toBe(7)
    await expect(outbox.tryWrite()).rejects.toMatchObject({ name: 'QuotaExceededError' })
    await expect(outbox.add(record(1), state(1))).rejects.toMatchObject({ name: 'QuotaExceededError' })
    expect(await outbox.isLeading()).toBe(true)
    fill.free()
    await outbox.tryWrite()
    expect(await outbox.isLeading()).toBe(true)
    await expect(former.add(record(2), state(2))).rejects.toMatchObject({ code: 'unavailable' })
    await outbox.add(record(3), state(3))
    expect((await outbox.load()).records).toEqual([record(3)])
    expect(lost).toEqual([])
  })
})

/** Every `put` finds no room, as a browser says it. */
function fillDisk(): { free(): void } {
  const { put } = IDBObjectStore.prototype
  IDBObjectStore.prototype.put = () => {
    throw new DOMException('The quota has been exceeded.', 'QuotaExceededError')
  }
  return {
    free: () => {
      IDBObjectStore.prototype.put = put
    },
  }
}

describe('a connection that the browser closes', () => {
  /** Connections of one database, as the browser has them. */
  function watchConnections(): IDBDatabase[] {
    const opened: IDBDatabase[] = []
    const { open } = IDBFactory.prototype
    IDBFactory.prototype.open = function opening(...named: Parameters<typeof open>) {
      const request = open.apply(this, named)
      request.addEventListener('success', () => opened.push(request.result))
      return request
    }
    return opened
  }

  test('[FM-19] is opened again, and what was kept is there', async () => {
    const connections = watchConnections()
    const lost: string[] = []
    const outbox = createIndexedDbOutbox('closed-1', { onLost: () => lost.push('lost') })
    await outbox.lead()
    await outbox.add(record(1), state(1))
    // As after a tab was thawed: "The database connection is closing."
    connections[0]?.close()
    await outbox.add(record(2), state(2))
    for (const connection of connections) forceCloseDatabase(connection as never)
    await outbox.add(record(3), state(3))
    expect((await outbox.load()).records.map(({ ordinal }) => ordinal)).toEqual([1, 2, 3])
    expect(lost).toEqual([])
  })

  test('[FM-12, FM-20] because its data was removed is noticed before anybody writes', async () => {
    const connections = watchConnections()
    let onLost = (): void => undefined
    const lost = new Promise<void>((resolve) => {
      onLost = resolve
    })
    const outbox = createIndexedDbOutbox('closed-2', { onLost: () => onLost() })
    await outbox.lead()
    for (const connection of connections) forceCloseDatabase(connection as never)
    await deleteDB('closed-2')
    await lost
    await expect(outbox.add(record(1), state(1))).rejects.toMatchObject({ trouble: 'gone' })
  })
})
