import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { DeviceFailure } from './client'
import type { LedOutbox, OutboxChange, OutboxRecord, OutboxState } from './outbox'
import { StorageFailure, storageTrouble } from './storage-failure'

interface OutboxSchema extends DBSchema {
  actions: { key: string; value: OutboxRecord }
  /** `state`, the `term` of whoever leads, and for a moment a `trial` of whether there is room. */
  state: { key: string; value: OutboxState | number | string }
}

type Database = IDBPDatabase<OutboxSchema>

/** One connection, opened when it is needed and again when the browser has closed it (FM-19). */
function createConnection(name: string, onEnded: () => void) {
  let opened: Promise<Database> | null = null

  const open = (): Promise<Database> => {
    opened ??= openDB<OutboxSchema>(name, 1, {
      upgrade: (database) => {
        database.createObjectStore('actions', { keyPath: 'id' })
        database.createObjectStore('state')
      },
      blocking: () => {
        void close().then(onEnded)
      },
      terminated: () => {
        opened = null
        onEnded()
      },
    }).catch((error: unknown) => {
      opened = null
      throw error
    })
    return opened
  }

  const close = async () => {
    const closing = opened
    opened = null
    const database = await closing
    database?.close()
  }

  const begin = async (): Promise<Write> => {
    const database = await open()
    try {
      return writeTransaction(database)
    } catch (error) {
      if (!isClosed(error)) throw error
      opened = null
      return writeTransaction(await open())
    }
  }

  return { open, begin, close }
}

export interface IndexedDbOutboxOptions {
  /** Another tab leads, or everything is gone: nothing is written here any more. */
  onLost?(): void
  now?(): number
}

/** What a trial of room writes: more than an action, less than anybody would miss. */
const trial = 'x'.repeat(64 * 1024)

/**
 * The outbox in IndexedDB, one small database per user (DEV-1). Strict durability: a write is done when the operating
 * system has it on disk. Writes take effect in the order they are begun: the browser keeps that for one store.
 */
export function createIndexedDbOutbox(name: string, options: IndexedDbOutboxOptions = {}): LedOutbox {
  const { onLost = () => undefined, now = Date.now } = options
  // A browser that closes the connection may have thrown the data away: asked now, not with the next thing a person does.
  const connection = createConnection(name, () => void isLeading().catch(() => undefined))
  const term = createTerm(now)

  const isLeading = async () => {
    const database = await connection.open()
    const stored = await database.get('state', 'term')
    if (term.mayWrite(typeof stored === 'number' ? stored : 0)) return true
    onLost()
    return false
  }
  const write = async (work: (transaction: Write) => Promise<void>) => {
    const transaction = await connection.begin()
    try {
      const stored = await storedTerm(transaction)
      if (!term.mayWrite(stored)) throw lostTo(stored, onLost)
      await term.store(transaction, stored)
      await work(transaction)
    } catch (error) {
      // The reason is what the caller needs; that the transaction then aborts as well is only its consequence.
      transaction.done.catch(() => undefined)
      abortQuietly(transaction)
      throw error
    }
    await transaction.done
    term.stored()
  }

  return {
    load: async () => loadAll(await connection.open()),
    add: (record, state) =>
      write(async (transaction) => {
        await Promise.all([
          transaction.objectStore('actions').put(record),
          transaction.objectStore('state').put(state, 'state'),
        ])
      }),
    rewrite: (change) => write((transaction) => rewriteRecords(transaction, change)),
    lead: async () => {
      let own: number | null = null
      await write(async (transaction) => {
        const stored = await storedTerm(transaction)
        own = term.claim(stored)
        await term.store(transaction, stored)
      }).catch((error: unknown) => {
        if (own === null || storageTrouble(error) !== 'full') throw error
      })
      return own ?? 0
    },
    isLeading,
    tryWrite: async () => {
      await write(async (transaction) => {
        await transaction.objectStore('state').put(trial, 'trial')
      })
      await write((transaction) => transaction.objectStore('state').delete('trial'))
    },
    close: connection.close,
  }
}

async function loadAll(database: Database) {
  const transaction = database.transaction(['actions', 'state'])
  const [records, state] = await Promise.all([
    transaction.objectStore('actions').getAll(),
    transaction.objectStore('state').get('state'),
  ])
  await transaction.done
  return {
    state: typeof state === 'object' ? state : null,
    records: records.sort((left, right) => left.ordinal - right.ordinal),
  }
}

/** The term of this opener: any, until it has claimed one. */
function createTerm(now: () => number) {
  let own: number | null = null
  /** What is stored as long as there was no room to store `own`. */
  let replaced: number | null = null
  return {
    claim: (stored: number) => {
      replaced = stored
      own = Math.max(stored + 1, now())
      return own
    },
    mayWrite: (stored: number) => own === null || stored === own || stored === replaced,
    store: async (transaction: Write, stored: number) => {
      if (own !== null && stored === replaced) await transaction.objectStore('state').put(own, 'term')
    },
    stored: () => {
      replaced = null
    },
  }
}

async function storedTerm(transaction: Write): Promise<number> {
  const stored = await transaction.objectStore('state').get('term')
  return typeof stored === 'number' ? stored : 0
}

function lostTo(stored: number, onLost: () => void): Error {
  onLost()
  if (stored === 0) return new StorageFailure('gone', 'The outbox of this device is gone.')
  return new DeviceFailure('unavailable', 'Another tab has the database of this device.')
}

function writeTransaction(database: Database) {
  return database.transaction(['actions', 'state'], 'readwrite', { durability: 'strict' })
}

type Write = ReturnType<typeof writeTransaction>

async function rewriteRecords(transaction: Write, { ids, change, add = [], state }: OutboxChange): Promise<void> {
  const actions = transaction.objectStore('actions')
  if (change) {
    const known = ids ? await Promise.all(ids.map((id) => actions.get(id))) : await actions.getAll()
    for (const record of known) {
      if (!record) continue
      const changed = change(record)
      await (changed ? actions.put(changed) : actions.delete(record.id))
    }
  }
  for (const record of add) await actions.put(record)
  if (state) await transaction.objectStore('state').put(state, 'state')
}

function isClosed(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'InvalidStateError'
}

/** A transaction that failed by itself is over already and says so. */
function abortQuietly(transaction: Write): void {
  try {
    transaction.abort()
  } catch (error) {
    if (!isClosed(error)) throw error
  }
}
