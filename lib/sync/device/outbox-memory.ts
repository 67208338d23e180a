import type { Outbox, OutboxRecord, OutboxState } from './outbox'

export interface MemoryOutbox extends Outbox {
  /** The next writes fail with this error, as a full disk does; null heals it. */
  failWith(error: Error | null): void
}

/** An outbox for tests and for browsers without IndexedDB (then the status says that nothing is kept). */
export function createMemoryOutbox(): MemoryOutbox {
  const records = new Map<string, OutboxRecord>()
  let state: OutboxState | null = null
  let failure: Error | null = null

  const write = async (work: () => void) => {
    if (failure) throw failure
    work()
  }

  return {
    failWith: (error) => {
      failure = error
    },
    load: async () => ({ state, records: [...records.values()].sort((left, right) => left.ordinal - right.ordinal) }),
    add: (record, next) =>
      write(() => {
        records.set(record.id, structuredClone(record))
        state = next
      }),
    rewrite: ({ ids, change, add = [], state: next }) =>
      write(() => {
        const chosen = [...records.values()].filter((record) => change && (!ids || ids.includes(record.id)))
        const changed = chosen.map((record) => ({ id: record.id, record: change?.(record) ?? null }))
        for (const { id, record } of changed) {
          if (record) records.set(id, structuredClone(record))
          else records.delete(id)
        }
        for (const record of add) records.set(record.id, structuredClone(record))
        state = next ?? state
      }),
    close: async () => undefined,
  }
}
