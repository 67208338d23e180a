/**
 * One click signs in as a seeded person, in development only. Only `app/api/dev/people/route.dev.ts` imports this, a
 * file name that production builds do not see (`pageExtensions` in next.config.ts), so nothing of it is in them.
 */
import { betterAuth } from 'better-auth'
import { createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { inArray } from 'drizzle-orm'
import { z } from 'zod'
import { user } from '@/db/auth-schema'
import { type Person, people } from '@/db/seed'
import { authOptions } from './auth'
import { readyDatabase } from './database'
import { env } from './env'

if (process.env.NODE_ENV === 'production') throw new Error('The picker of seeded people is for development only.')

const emails: readonly string[] = people.map((person) => person.email)

const pick = createAuthEndpoint('/pick', { method: 'POST', body: z.object({ id: z.string() }) }, async (context) => {
  const { internalAdapter } = context.context
  const found = await internalAdapter.findUserById(context.body.id)
  if (found === null || !emails.includes(found.email)) throw context.error('NOT_FOUND')
  const session = await internalAdapter.createSession(found.id)
  await setSessionCookie(context, { session, user: found })
  return context.json({ id: found.id, name: found.name, email: found.email })
})

/** The seeded people, as far as they have an account here. */
export async function pickablePeople(): Promise<readonly Person[]> {
  const { auth } = await readyDatabase()
  return auth
    .select({ id: user.id, name: user.name, email: user.email })
    .from(user)
    .where(inArray(user.email, [...emails]))
    .orderBy(user.name)
}

/** Answers with the session cookie of that person. It is an ordinary session, made without a password. */
export async function signInAsSeeded(id: string, headers: Headers): Promise<Response> {
  const { auth } = await readyDatabase()
  const picker = betterAuth({ ...authOptions(auth, env()), plugins: [{ id: 'picker', endpoints: { pick } }] })
  return picker.api.pick({ body: { id }, headers, asResponse: true })
}
