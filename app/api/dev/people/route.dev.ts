/**
 * The picker of seeded people on the sign-in screen: GET lists them, POST `{ id }` signs in. In development only:
 * production builds do not know the extension `.dev.ts`, so there this address answers 404.
 */
import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { env, trustedOrigins } from '@/server/env'
import { pickablePeople, signInAsSeeded } from '@/server/picker'
import { answeringErrors } from '@/server/public-error'
import { guardRequest } from '@/server/request-guard'

const choice = z.object({ id: z.string() })

export async function GET(): Promise<Response> {
  return Response.json(await pickablePeople())
}

export function POST(request: Request): Promise<Response> {
  return answeringErrors('/api/dev/people', async () => {
    const guarded = await guardRequest(request, { origins: trustedOrigins(env().appUrl), bytesMax: 1_000 })
    const chosen = choice.safeParse(await guarded.json())
    if (!chosen.success) throw new TRPCError({ code: 'BAD_REQUEST' })
    return signInAsSeeded(chosen.data.id, guarded.headers)
  })
}
