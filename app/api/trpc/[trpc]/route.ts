/** All calls of devices and screens. Edit `server/routers` instead. */
import { env, trustedOrigins } from '@/server/env'
import { handleTrpc } from '@/server/handler'
import { services } from '@/server/services'

const handle = (request: Request) => handleTrpc(request, services, trustedOrigins(env().appUrl))

export { handle as GET, handle as POST }
