/** The device as this tab has it: one worker per user, kept while somebody uses it. Its database may be in another tab. */
import { v4 } from 'uuid'
import { connectTab, type Tab } from '@/lib/sync/device/tabs/outlet'
import { openChannel } from './channel'
import { schedule } from './schedule'

interface Held {
  readonly client: Tab
  users: number
  cancelClose: () => void
}

/** Closing waits a moment: React unmounts and mounts again in development, and a database takes a second to open. */
const lingerMs = 1_000
const heldByUser = new Map<string, Held>()

/** The same device for everybody in this tab who asks for that user. Give it back with `releaseDevice`. */
export function acquireDevice(userId: string): Tab {
  const held = heldByUser.get(userId) ?? start(userId)
  held.cancelClose()
  held.users += 1
  return held.client
}

export function releaseDevice(userId: string): void {
  const held = heldByUser.get(userId)
  if (!held) return
  held.users -= 1
  if (held.users > 0) return
  held.cancelClose = schedule(lingerMs, () => {
    heldByUser.delete(userId)
    void held.client.close()
  })
}

function start(userId: string): Held {
  const client = connectTab({
    tabId: v4(),
    opening: {
      userId,
      build: process.env.NEXT_PUBLIC_BUILD ?? 'dev',
      isDevelopment: process.env.NODE_ENV === 'development',
    },
    spawn: () => new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' }),
    openChannel,
    newId: v4,
    now: Date.now,
    schedule,
  })
  const held: Held = { client, users: 0, cancelClose: () => undefined }
  heldByUser.set(userId, held)
  return held
}
