/** Compaction, called by a scheduler once a day or more often. Edit `server/cron-handler.ts` instead. */
import { handleCron } from '@/server/cron-handler'
import { env } from '@/server/env'
import { syncServer } from '@/server/sync'

/** Platforms end a call after a while: this one ends before, and the next one goes on where it was. */
const deadlineMs = 20_000
export const maxDuration = 30

export const GET = (request: Request) =>
  handleCron(request, env().cronSecret, async () => (await syncServer()).compact({ deadlineMs }))
