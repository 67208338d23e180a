/** Large audiences as streams. Edit `server/snapshot-handler.ts` instead. */
import { env, trustedOrigins } from '@/server/env'
import { services } from '@/server/services'
import { handleSnapshot } from '@/server/snapshot-handler'

export const POST = (request: Request) => handleSnapshot(request, services, trustedOrigins(env().appUrl))
