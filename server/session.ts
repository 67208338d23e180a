/**
 * Who is asking. The one place to edit for another auth library or an identity provider: everything else calls
 * `getSession`. The user id it answers is the principal of all row-level security, so it must come from something a
 * browser cannot forge, and it must stay the same for a person for ever.
 */
import { serverAuth } from './auth'

export interface Session {
  readonly user: { readonly id: string; readonly name: string; readonly email: string }
}

/** The session of a request, or null when it carries none that is valid. */
export async function getSession(headers: Headers): Promise<Session | null> {
  const auth = await serverAuth()
  const found = await auth.api.getSession({ headers })
  if (found === null) return null
  const { id, name, email } = found.user
  return { user: { id, name, email } }
}
