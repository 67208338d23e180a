import { createIndexedDbOutbox } from '@/lib/sync/device/outbox-indexeddb'
import { outboxName } from './names'

/** Whether this browser has work of this person that the server may not know. Needs no open database. */
export async function hasUnsentWork(userId: string): Promise<boolean> {
  const outbox = createIndexedDbOutbox(outboxName(userId))
  try {
    const { records } = await outbox.load()
    return records.some((record) => record.confirmedAtMs === null)
  } finally {
    await outbox.close()
  }
}
