/** Rows seen last, by query, in a small IndexedDB: one for each user (DEV-1). Bounded in number and size. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { seenLimits } from '../core/first-rows'
import type { RawRow } from './client'

export interface SeenRows {
  read(id: string): Promise<readonly RawRow[] | null>
  /** What is too large to be shown at once is not kept, and neither is what was there before. */
  write(entries: readonly { readonly id: string; readonly rows: readonly RawRow[] }[]): Promise<void>
  dropAllBut(ids: readonly string[]): Promise<void>
  clear(): Promise<void>
}

interface Entry {
  readonly id: string
  readonly rows: readonly RawRow[]
  readonly atMs: number
}

interface SeenSchema extends DBSchema {
  rows: { key: string; value: Entry; indexes: { atMs: number } }
}

export function createSeenRows(name: string, now: () => number): SeenRows {
  let opened: Promise<IDBPDatabase<SeenSchema>> | null = null
  const open = () => {
    opened ??= openDB<SeenSchema>(name, 1, {
      upgrade: (database) => {
        database.createObjectStore('rows', { keyPath: 'id' }).createIndex('atMs', 'atMs')
      },
      blocking: (_now, _next, event) => {
        opened = null
        ;(event.target as IDBDatabase).close()
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

  return {
    read: async (id) => (await (await open()).get('rows', id))?.rows ?? null,
    write: async (entries) => {
      if (entries.length === 0) return
      const transaction = (await open()).transaction('rows', 'readwrite', { durability: 'relaxed' })
      for (const { id, rows } of entries) {
        await (isSmall(rows) ? transaction.store.put({ id, rows, atMs: now() }) : transaction.store.delete(id))
      }
      const tooMany = (await transaction.store.count()) - seenLimits.queriesMax
      if (tooMany > 0) {
        const oldest = await transaction.store.index('atMs').getAllKeys(null, tooMany)
        for (const id of oldest) await transaction.store.delete(id)
      }
      await transaction.done
    },
    dropAllBut: async (ids) => {
      const transaction = (await open()).transaction('rows', 'readwrite', { durability: 'relaxed' })
      const others = (await transaction.store.getAllKeys()).filter((id) => !ids.includes(id))
      for (const id of others) await transaction.store.delete(id)
      await transaction.done
    },
    clear: async () => (await open()).clear('rows'),
  }
}

function isSmall(rows: readonly RawRow[]): boolean {
  return rows.length <= seenLimits.rowsMax && JSON.stringify(rows).length <= seenLimits.charactersMax
}
