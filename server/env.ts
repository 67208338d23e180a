/**
 * The environment, checked once and typed. Edit this file when the server needs another setting.
 *
 * Everything has a default that is safe for development, so that a fresh clone runs without a `.env`. Each problem
 * names the variable and says what to write, and all problems are told at once.
 */
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { z } from 'zod'
import { defaultRetention, type Retention, retentionProblem } from '@/lib/sync/core/horizon'

export interface Environment {
  readonly mode: 'development' | 'production'
  readonly port: number
  /** Origin under which browsers reach the app, without a trailing slash. */
  readonly appUrl: string
  /** Null: one embedded database in `dataDirectory`. */
  readonly databaseUrl: string | null
  /** Past a pooler, for what belongs to one connection. Null: `databaseUrl` is direct. */
  readonly directDatabaseUrl: string | null
  /** Electric reads the log for the live tail; null: this server does it itself. */
  readonly electricUrl: string | null
  readonly electricSecret: string | null
  /** The role with which Electric reads the log. */
  readonly electricRole: string
  /** False behind a transaction pooler, which cannot keep prepared statements. */
  readonly databasePrepare: boolean
  readonly dataDirectory: string
  /** Null only in development, where a generated one is kept in `dataDirectory`. */
  readonly authSecret: string | null
  /** How far back history reaches (section "Horizon" of docs/SPEC.md). */
  readonly retention: Retention
  /** What callers of `/api/cron` must know; null: nobody may call it. */
  readonly cronSecret: string | null
  /** Addresses of reverse proxies whose `X-Forwarded-For` is believed, as IP addresses or CIDR ranges. */
  readonly trustedProxies: readonly string[]
}

/** The environment cannot be used as it is. The message is meant to be printed alone, without a stack. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError'
  constructor(readonly problems: readonly string[]) {
    super(`The environment needs attention:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
  }
}

const port = z.coerce.number().int().min(1).max(65_535)
const webUrl = z.url({ protocol: /^https?$/ })
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ })
const pooler = z.enum(['none', 'transaction'])
const secretLengthMin = 32
const cronSecretLengthMin = 16
const days = z.coerce.number().min(1).max(36_500)
const entries = z.coerce.number().int().min(1)
const dayMs = 24 * 60 * 60 * 1000

const electricNeedsPostgres =
  'ELECTRIC_URL is set, and the embedded database cannot replicate. Set DATABASE_URL too, or remove it.'

type Variables = Readonly<Record<string, string | undefined>>

/** Reads and checks the variables. Throws `EnvironmentError` with every problem found. */
export function readEnvironment(variables: Variables): Environment {
  const problems: string[] = []
  const mode = variables.NODE_ENV === 'production' ? 'production' : 'development'

  const read = <Value>(name: string, schema: z.ZodType<Value>, advice: string): Value | null => {
    const text = variables[name]?.trim()
    if (!text) return null
    const parsed = schema.safeParse(text)
    if (!parsed.success) problems.push(`${name} is "${told(name, text)}". ${advice}`)
    return parsed.success ? parsed.data : null
  }

  const portNumber = read('PORT', port, 'Write a number from 1 to 65535, for example PORT=3000.') ?? 3000
  const appUrl = read('APP_URL', webUrl, 'Write the address people open, for example APP_URL=https://app.example.com.')
  const databaseUrl = read(
    'DATABASE_URL',
    postgresUrl,
    'Write DATABASE_URL=postgres://user:password@host:5432/database, or remove it to use the embedded database.',
  )
  const directUrl = read(
    'DATABASE_DIRECT_URL',
    postgresUrl,
    'Write the address of the same database without its pooler, or remove it.',
  )
  const electricUrl = read('ELECTRIC_URL', webUrl, 'Write the address of Electric, for example http://localhost:3001.')
  const poolerKind = read(
    'DATABASE_POOLER',
    pooler,
    'Write DATABASE_POOLER=transaction behind PgBouncer or another transaction pooler, or remove it.',
  )
  const cronSecret = read(
    'CRON_SECRET',
    z.string().min(cronSecretLengthMin),
    `Write at least ${cronSecretLengthMin} characters that nobody can guess, or remove it: then nobody can call /api/cron.`,
  )
  const advice = 'Write a number of days from 1, for example 30.'
  const lateDays = read('LATE_WINDOW_DAYS', days, advice)
  const keptDays = read('KEPT_HISTORY_DAYS', days, advice)
  const entriesMax = read('KEPT_ENTRIES_MAX', entries, 'Write a whole number of log entries, for example 50000.')
  const retention: Retention = {
    lateWindowMs: lateDays === null ? defaultRetention.lateWindowMs : lateDays * dayMs,
    keptHistoryMs:
      keptDays === null ? Math.max(defaultRetention.keptHistoryMs, (lateDays ?? 0) * dayMs) : keptDays * dayMs,
    entriesMax: entriesMax ?? defaultRetention.entriesMax,
  }
  const disproportion = retentionProblem(retention)
  if (disproportion !== null) problems.push(`LATE_WINDOW_DAYS and KEPT_HISTORY_DAYS do not fit. ${disproportion}`)
  if (electricUrl !== null && databaseUrl === null) problems.push(electricNeedsPostgres)
  const authSecret = readSecret(variables.AUTH_SECRET?.trim() ?? '', mode, problems)
  if (problems.length > 0) throw new EnvironmentError(problems)
  return {
    mode,
    port: portNumber,
    appUrl: appUrl === null ? `http://localhost:${portNumber}` : new URL(appUrl).origin,
    databaseUrl,
    directDatabaseUrl: directUrl,
    electricUrl,
    electricSecret: variables.ELECTRIC_SECRET?.trim() || null,
    electricRole: variables.ELECTRIC_ROLE?.trim() || 'electric',
    databasePrepare: poolerKind !== 'transaction',
    // The comment keeps the bundler from taking every file of the project for data of the server.
    dataDirectory: resolve(/* turbopackIgnore: true */ variables.DATA_DIR?.trim() || '.data'),
    authSecret,
    retention,
    cronSecret,
    trustedProxies: (variables.TRUSTED_PROXIES ?? '').split(',').flatMap((entry) => entry.trim() || []),
  }
}

function readSecret(secret: string, mode: Environment['mode'], problems: string[]): string | null {
  if (secret.length >= secretLengthMin) return secret
  if (secret === '' && mode === 'development') return null
  const said = secret === '' ? 'is missing' : `has only ${secret.length} characters`
  const fresh = randomBytes(32).toString('base64url')
  problems.push(
    `AUTH_SECRET ${said}. Sessions are signed with it, so production needs one that nobody can guess and that stays ` +
      `the same. Add this fresh one to .env (or to the settings of your host):\n      AUTH_SECRET=${fresh}`,
  )
  return null
}

/** Origins whose pages may call this server. A local one is reachable by two names. */
export function trustedOrigins(appUrl: string): readonly string[] {
  return appUrl.startsWith('http://localhost') ? [appUrl, appUrl.replace('localhost', '127.0.0.1')] : [appUrl]
}

/** Messages end up in logs: nothing secret of a value that is wrong. */
function told(name: string, text: string): string {
  if (name.endsWith('SECRET')) return `${text.length} characters long`
  return name.endsWith('URL') ? masked(text) : text
}

/** A connection string without its password: messages end up in logs. */
export function masked(url: string): string {
  return url.replace(/:[^:@/]*@/, ':***@')
}

let environment: Environment | undefined

/** The environment of this process. Read late, never while modules load: a build has no secrets. */
export function env(): Environment {
  environment ??= readEnvironment(process.env)
  return environment
}
