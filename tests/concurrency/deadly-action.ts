import { z } from 'zod'
import { defineAction } from '@/lib/sync/action'

/** Takes the whole server process along, as too little memory or the time limit of a platform would (CX-21). */
export const deadlyAction = defineAction({
  name: 'test.deadly',
  version: 1,
  input: z.strictObject({ clubId: z.uuid() }),
  audiences: (input) => [`club:${input.clubId}`],
  async run() {
    process.kill(process.pid, 'SIGKILL')
    await new Promise(() => undefined)
  },
})
