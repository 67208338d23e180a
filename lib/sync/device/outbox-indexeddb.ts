import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { DeviceFailure } from './client'
import type { LedOutbox, OutboxChange, OutboxRecord, OutboxState } from './outbox'

interface OutboxSchema extends DBSchema {
  actions: { key: string; value: OutboxRecord }
  /** `state`, and the `term` of whoever leads. */
  state: { key: string; value: OutboxState | number }
}

type Database = IDBPDatabase<OutboxSchema>

/** One connection, opened when it is needed and again when the browser has closed it (FM-19). */
function createConnection(name: string) {
  let opened: Promise<Database> | null = null

  const open = (): Promise<Database> => {
    opened ??= openDB<OutboxSchema>(name, 1, {
      upgrade: (database) => {
        database.createObjectStore('actions', { keyPath: 'id' })
        database.createObjectStore('state')
      },
      blocking: () => {
        void close()
      },
      terminated: () => {
        opened = null
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

/**
 * The outbox in IndexedDB, one small database per user (DEV-1). Strict durability: a write is done when the operating
 * system has it on disk. Writes take effect in the order they are begun: the browser keeps that for one store.
 */
export function createIndexedDbOutbox(name: string, onLost: () => void = () => undefined): LedOutbox {
  const connection = createConnection(name)
  let term: number | null = null

  const write = async (work: (transaction: Write) => Promise<void>) => {
    const transaction = await connection.begin()
    try {
      if (term !== null && (await storedTerm(transaction)) !== term) throw lostTo(onLost)
      await work(transaction)
    } catch (error) {
      // The reason is what the caller needs; that the transaction then aborts as well is only its consequence.
      transaction.done.catch(() => undefined)
      abortQuietly(transaction)
      throw error
    }
    await transaction.done
  }

  return {
    load: async () => {
      const database = await connection.open()
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
    },
    add: (record, state) =>
      write(async (transaction) => {
        await Promise.all([
          transaction.objectStore('actions').put(record),
          transaction.objectStore('state').put(state, 'state'),
        ])
      }),
    rewrite: (change) => write((transaction) => rewriteRecords(transaction, change)),
    lead: async () => {
      let next = 0
      await write(async (transaction) => {
        next = (await storedTerm(transaction)) + 1
        await transaction.objectStore('state').put(next, 'term')
      })
      term = next
      return next
    },
    isLeading: async () => {
      const database = await connection.open()
      const isLeading = (await database.get('state', 'term')) === term
      if (!isLeading) onLost()
      return isLeading
    },
    close: connection.close,
  }
}

async function storedTerm(transaction: Write): Promise<number> {
  const stored = await transaction.objectStore('state').get('term')
  return typeof stored === 'number' ? stored : 0
}

function lostTo(onLost: () => void): DeviceFailure {
  onLost()
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
