import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { schemaFingerprint } from '../db/migrations'
import { createTestDatabase, type TestDatabase } from '../tests/support/postgres'

/** The modules keep one database per process, as a server does; each kind of database gets modules of its own. */
async function loadServer(variables: Record<string, string>) {
  vi.resetModules()
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  const [authHandler, database, picker, rateLimit, seed, services, session, preparation] = await Promise.all([
    import('./auth-handler'),
    import('./database'),
    import('./picker'),
    import('./rate-limit'),
    import('./seed'),
    import('./services'),
    import('./session'),
    import('@/db/server'),
  ])
  return { ...authHandler, ...database, ...picker, ...rateLimit, ...seed, ...services, ...session, ...preparation }
}
type Server = Awaited<ReturnType<typeof loadServer>>

const origin = 'http://localhost:3000'

describe.each(['embedded', 'postgres'] as const)('accounts on the %s database', (kind) => {
  let directory: string
  let postgres: TestDatabase | null = null
  let server: Server

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'beamline-accounts-'))
    postgres = kind === 'postgres' ? await createTestDatabase() : null
    server = await loadServer({
      DATA_DIR: directory,
      DATABASE_URL: postgres?.url ?? '',
      APP_URL: origin,
      AUTH_SECRET: '',
    })
    for (const method of ['log', 'warn'] as const) vi.spyOn(console, method).mockImplementation(() => undefined)
    await server.readyDatabase()
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  afterAll(async () => {
    await server.closeDatabase()
    await postgres?.drop()
    rmSync(directory, { recursive: true, force: true })
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  const post = (path: string, body: object, from = origin) =>
    server.handleAuth(
      new Request(`${origin}/api/auth/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: from },
        body: JSON.stringify(body),
      }),
    )
  const cookiesOf = (answer: Response) =>
    new Headers({
      cookie: answer.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0])
        .join('; '),
    })

  test('who signs up has a session, and nobody else', async () => {
    const answer = await post('sign-up/email', { name: 'Ada', email: 'Ada@Example.com', password: 'correct horse' })
    expect(answer.status).toBe(200)
    const cookies = cookiesOf(answer)
    const found = await server.getSession(cookies)
    expect(found).toEqual({ user: { id: expect.any(String), name: 'Ada', email: 'ada@example.com' } })
    expect(await server.getSession(new Headers())).toBeNull()
    const forged = new Headers({ cookie: cookies.get('cookie')!.replace(/=[^.]+/, '=someone-else') })
    expect(await server.getSession(forged)).toBeNull()
  })

  test('[AB-33] a foreign page cannot sign anybody in', async () => {
    const answer = await post(
      'sign-in/email',
      { email: 'ada@example.com', password: 'correct horse' },
      'https://evil.example',
    )
    expect(answer.status).toBe(403)
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test('[AB-12] a sign-in of any size is not read', async () => {
    const answer = await post('sign-in/email', { email: 'ada@example.com', password: 'x'.repeat(20_000) })
    expect(answer.status).toBe(413)
  })

  test('[AB-41] failed sign-ins are limited per account, from wherever they come', async () => {
    await post('sign-up/email', { name: 'Bea', email: 'bea@example.com', password: 'correct horse' })
    const attempt = (password: string) => post('sign-in/email', { email: 'bea@example.com', password })
    const statuses: number[] = []
    for (let count = 0; count < 10; count++) statuses.push((await attempt('wrong horse')).status)
    expect(new Set(statuses)).toEqual(new Set([401]))
    expect((await attempt('correct horse')).status).toBe(429)
    expect((await post('sign-in/email', { email: 'ada@example.com', password: 'correct horse' })).status).toBe(200)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 16 * 60_000 })
    expect((await attempt('correct horse')).status).toBe(200)
  })

  test('uses are counted up to the limit, and again in the next window', async () => {
    const { auth } = await server.readyDatabase()
    const limit = { max: 2, windowMs: 1_000 }
    const count = () => server.countUse(auth, 'test', limit)
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
    expect([await count(), await count(), await count()]).toEqual([true, true, false])
    expect(await server.usesLeft(auth, 'test', limit)).toBe(0)
    vi.setSystemTime(1_001_000)
    expect(await server.usesLeft(auth, 'test', limit)).toBe(2)
    expect(await count()).toBe(true)
  })

  test('[AUD-7] the role that runs actions cannot read accounts', async () => {
    const { store } = await server.readyDatabase()
    const reading = store.transaction(async (sql) => {
      const [row] = await sql.rows('select current_database()')
      await sql.exec(`set local role "${row?.[0]}_app"`)
      return sql.rows('select * from auth.accounts')
    })
    await expect(reading).rejects.toMatchObject({ code: '42501' })
  })

  test('[ACT-8] the demonstration is made by actions, in an empty database only', async () => {
    expect(await server.isDatabaseEmpty(), 'Ada has an account').toBe(false)
    const accounts = await server.seedDatabase(() => 'correct horse')
    const ann = accounts.find((account) => account.email === 'ann@example.com')!
    const answer = await post('sign-in/email', { email: ann.email, password: 'correct horse' })
    expect(await server.getSession(cookiesOf(answer))).toMatchObject({ user: { id: ann.id, name: ann.name } })
    expect(await server.services.findPerson('ann@example.com')).toEqual({ id: ann.id, name: ann.name })
    const exchanged = await server.services.exchange(ann.id, {
      ...{ protocol: 1, clientId: crypto.randomUUID(), build: 'dev', schema: schemaFingerprint, epoch: null },
      ...{ cursors: [], lastConfirmed: null, actions: [], digests: [] },
    })
    const rows = exchanged.kind === 'sync' ? exchanged.snapshots.flatMap((snapshot) => snapshot.rows) : []
    expect(rows.filter((row) => row.table === 'projects').length).toBeGreaterThan(0)
  })

  test('the picker signs in seeded people without a password, and nobody else', async () => {
    const ben = (await server.pickablePeople()).find((person) => person.email === 'ben@example.com')!
    const picked = await server.signInAsSeeded(ben.id, new Headers())
    expect(await server.getSession(cookiesOf(picked))).toEqual({ user: ben })
    const ada = (await server.services.findPerson('ada@example.com'))!
    const refused = await server.signInAsSeeded(ada.id, new Headers())
    expect(refused.status).toBe(404)
    expect(refused.headers.getSetCookie()).toEqual([])
  })

  test('preparing again changes nothing', async () => {
    const { store } = await server.readyDatabase()
    expect(await server.unpreparedReason(store)).toBeNull()
    expect(await server.prepareDatabase(store, { isSealing: true })).toEqual([])
  })
})

describe('a production server', () => {
  const secret = 'a-secret-that-is-long-enough-for-production'

  test('does not start work on a database that is not prepared, and says how to prepare it', async () => {
    const { url, drop } = await createTestDatabase()
    vi.resetModules()
    for (const [name, value] of Object.entries({
      NODE_ENV: 'production',
      DATABASE_URL: url,
      AUTH_SECRET: secret,
    })) {
      vi.stubEnv(name, value)
    }
    const server = await import('./database')
    await expect(server.readyDatabase()).rejects.toThrow('npm run db:migrate')
    await server.closeDatabase()
    await drop()
    vi.unstubAllEnvs()
  })

  test('has no picker: its module refuses to load', async () => {
    vi.resetModules()
    vi.stubEnv('NODE_ENV', 'production')
    await expect(import('./picker')).rejects.toThrow('development only')
    vi.unstubAllEnvs()
  })

  test('never opens a database while it is built', async () => {
    vi.resetModules()
    vi.stubEnv('NEXT_PHASE', 'phase-production-build')
    const { readyDatabase } = await import('./database')
    await expect(readyDatabase()).rejects.toThrow('A build must not open the database')
    vi.unstubAllEnvs()
  })
})
