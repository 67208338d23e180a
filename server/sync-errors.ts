/** What the engine refuses as a whole, in the words of HTTP (DEP-1, DEP-2). */
import { TRPCError } from '@trpc/server'

/** By name, because reloads and bundles make several copies of a class. */
const codes: Readonly<Record<string, TRPCError['code']>> = {
  // Devices keep their work and come back, as after any failure of a server.
  NotServing: 'SERVICE_UNAVAILABLE',
  OtherSchema: 'CONFLICT',
}

/** Throws what the caller may hear; anything else as it is. */
export function refuse(error: unknown): never {
  const code = error instanceof Error ? codes[error.name] : undefined
  throw code === undefined ? error : new TRPCError({ code, cause: error })
}
