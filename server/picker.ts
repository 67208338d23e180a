/**
 * One click signs in as a seeded person, in development only. Only `app/api/dev/people/route.dev.ts` imports this, a
 * file name that production builds do not see (`pageExtensions` in next.config.ts), so nothing of it is in them.
 */
import { betterAuth } from 'better-auth'
import { createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { z } from 'zod'
import { people } from '@/db/seed'
import { authOptions } from './auth'
import { readyDatabase } from './database'
import { env } from './env'

if (process.env.NODE_ENV === 'production') throw new Error('The picker of seeded people is for development only.')

const emails = new Set<string>(people.map((person) => person.email))

const pick = createAuthEndpoint('/pick', { method: 'POST', body: z.object({ email: z.string() }) }, async (context) => {
  const { internalAdapter } = context.context
  const found = emails.has(context.body.email) ? await internalAdapter.findUserByEmail(context.body.email) : null
  if (found === null) throw context.error('NOT_FOUND', { message: 'Nobody with this address was seeded.' })
  const session = await internalAdapter.createSession(found.user.id)
  await setSessionCookie(context, { session, user: found.user })
  const { id, name, email } = found.user
  return context.json({ user: { id, name, email } })
})

/** The people to choose from. */
export const pickablePeople = people.map(({ name, email }) => ({ name, email }))

/** Answers with the session cookie of that person. It is an ordinary session, made without a password. */
export async function signInAsSeeded(email: string, headers: Headers): Promise<Response> {
  const { auth } = await readyDatabase()
  const picker = betterAuth({ ...authOptions(auth, env()), plugins: [{ id: 'picker', endpoints: { pick } }] })
  return picker.api.pick({ body: { email }, headers, asResponse: true })
}
