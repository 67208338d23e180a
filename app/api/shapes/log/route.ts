/** The live tail of the log. Edit `server/shape-handler.ts` instead. */
import { env, trustedOrigins } from '@/server/env'
import { services } from '@/server/services'
import { handleShape } from '@/server/shape-handler'

export const GET = (request: Request) => handleShape(request, services, trustedOrigins(env().appUrl))
