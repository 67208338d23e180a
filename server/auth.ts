/**
 * Accounts: e-mail and password through better-auth, which brings password hashes, cookies and rate limits. Edit this
 * file to add other ways to sign in. The rest of the server knows only `./session`.
 */
import { randomUUID } from 'node:crypto'
import { type BetterAuthOptions, betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { APIError, createAuthMiddleware, isAPIError } from 'better-auth/api'
import * as authTables from '@/db/auth-schema'
import type { AuthDatabase } from '@/db/server'
import { developmentSecret } from './data-directory'
import { readyDatabase } from './database'
import { type Environment, env, trustedOrigins } from './env'
import { countUse, usesLeft } from './rate-limit'

/**
 * Addresses are only as good as the proxy that reports them, so failed sign-ins also count per account (AB-41). The
 * price: somebody can keep a known address from signing in for a while; open sessions go on.
 */
const failedSignIns = { max: 10, windowMs: 15 * 60_000 }
const failuresOf = (email: unknown) => `sign-in-failed:${String(email).toLowerCase()}`

export function authOptions(database: AuthDatabase, environment: Environment) {
  return {
    appName: 'Beamline',
    baseURL: environment.appUrl,
    trustedOrigins: [...trustedOrigins(environment.appUrl)],
    secret: environment.authSecret ?? developmentSecret(environment.dataDirectory),
    database: drizzleAdapter(database, { provider: 'pg', schema: authTables, transaction: false }),
    emailAndPassword: { enabled: true, minPasswordLength: 8 },
    // A device that was offline for weeks should not have to sign in again before it may send its work.
    session: { expiresIn: 60 * 24 * 60 * 60, updateAge: 24 * 60 * 60 },
    rateLimit: {
      enabled: environment.mode === 'production',
      storage: 'database',
      window: 10,
      max: 200,
      customRules: {
        '/sign-in/email': { window: 60, max: 60 },
        '/sign-up/email': { window: 60, max: 20 },
      },
    },
    hooks: {
      before: createAuthMiddleware(async (context) => {
        if (context.path !== '/sign-in/email') return
        if ((await usesLeft(database, failuresOf(context.body?.email), failedSignIns)) > 0) return
        throw new APIError('TOO_MANY_REQUESTS', { message: 'Too many failed attempts. Try again in 15 minutes.' })
      }),
      after: createAuthMiddleware(async (context) => {
        if (context.path !== '/sign-in/email' || !isAPIError(context.context.returned)) return
        await countUse(database, failuresOf(context.body?.email), failedSignIns)
      }),
    },
    advanced: {
      cookiePrefix: 'beamline',
      useSecureCookies: environment.appUrl.startsWith('https://'),
      ipAddress: { trustedProxies: [...environment.trustedProxies] },
      database: { generateId: () => randomUUID() },
    },
    telemetry: { enabled: false },
  } satisfies BetterAuthOptions
}

function createAuth(database: AuthDatabase, environment: Environment) {
  return betterAuth(authOptions(database, environment))
}

export type Auth = ReturnType<typeof createAuth>

let auth: Promise<Auth> | undefined

/** The auth library on the database of this process. */
export function serverAuth(): Promise<Auth> {
  auth ??= readyDatabase().then((database) => createAuth(database.auth, env()))
  auth.catch(() => {
    auth = undefined
  })
  return auth
}
