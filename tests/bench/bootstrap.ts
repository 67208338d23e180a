/**
 * A new device loads a project with many issues: as a stream from Postgres into its PGlite (SNAP-1), against COPY of the
 * same rows from the same Postgres into a bare PGlite with the same tables.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import postgres from 'postgres'
import { migrations, schemaFingerprint } from '@/db/migrations'
import { model } from '@/db/model'
import { createProject } from '@/lib/actions'
import { protocolVersion } from '@/lib/sync/core/protocol'
import type { Transport } from '@/lib/sync/device/transport'
import type { SyncServer } from '@/lib/sync/server/authority'
import { createDeviceStore } from '@/lib/sync/store/device/transaction'
import { createPgliteStore } from '@/lib/sync/store/pglite-driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { prepareDeviceDatabase } from '../../scripts/prepared-database'
import { root } from '../../scripts/steps'
import { newPglite } from '../support/pglite'
import { createDatabase, startCluster } from '../support/postgres-cluster'
import { author, bareDatabase, openDevice, openServer } from './ground'
import { type Result, resultOf } from './measure'

export interface Crowded {
  readonly server: SyncServer
  /** Connection string of its database. */
  readonly url: string
  readonly audience: string
  close(): Promise<void>
}

/** A server on Postgres whose author has one project with so many issues. They were not made one by one. */
export async function crowdedServer(issueCount: number): Promise<Crowded> {
  const cluster = await startCluster()
  const { url } = await createDatabase(cluster.adminUrl)
  const store = createPostgresStore(url)
  const server = await openServer(store, [createProject])
  const owner = { name: 'Ann', email: 'ann@example.com' }
  const columns = [{ name: 'To do' }]
  const { value } = await server.runAction(
    createProject,
    { name: 'Regatta', key: 'REG', owner, columns },
    { as: author },
  )
  const { projectId, columnIds } = value
  await store.transaction(async (sql) => {
    await sql.exec("set local sync.mode = 'engine'")
    await sql.rows(
      `insert into issues (id, project_id, number, title, description, column_id, rank, priority, created_by, created_at, updated_at)
       select gen_random_uuid(), $1::text::uuid, n, 'Issue ' || n, repeat('Some words about it. ', n % 8), $2::text::uuid,
         lpad(n::text, 8, '0'), 'none', $3, now(), now() from generate_series(1, $4::integer) n`,
      [projectId, columnIds[0] ?? '', author, issueCount],
    )
  })
  return {
    ...{ server, url, audience: `project:${projectId}` },
    close: async () => {
      await store.close()
      await cluster.stop()
    },
  }
}

/** As over HTTP, without HTTP: as fast as the device takes it. */
function streaming(server: SyncServer): Transport {
  return {
    exchange: async (request) => ({ kind: 'answer', answer: await server.exchange(author, request) }),
    snapshot: async (request) => {
      const { readable, writable } = new TransformStream<string, string>()
      const writer = writable.getWriter()
      const writing = server.writeSnapshot(author, request, (text) => writer.write(text))
      writing.then(
        () => writer.close(),
        (error: unknown) => writer.abort(error),
      )
      return { kind: 'stream', text: Readable.fromWeb(readable as never) as AsyncIterable<string> }
    },
  }
}

export async function measureBootstrap(issueCount: number, rounds: number): Promise<Result> {
  const crowded = await crowdedServer(issueCount)
  const [oursMs, bareMs]: [number[], number[]] = [[], []]
  try {
    for (let round = 0; round < rounds; round += 1) {
      oursMs.push(await loadOurs(crowded, issueCount))
      bareMs.push(await copyBare(crowded.url, issueCount))
    }
    return resultOf(oursMs, bareMs)
  } finally {
    await crowded.close()
  }
}

async function loadOurs({ server }: Crowded, issueCount: number): Promise<number> {
  const pglite = await newPglite()
  const store = createPgliteStore(pglite)
  await createDeviceStore({ store, model, migrations }).prepare()
  const device = await openDevice(streaming(server), { store })
  const startedAtMs = performance.now()
  await device.syncNow()
  const tookMs = performance.now() - startedAtMs
  const { rows } = await pglite.query<{ count: number }>('select count(*)::integer as count from issues')
  if (rows[0]?.count !== issueCount) throw new Error(`${rows[0]?.count} of ${issueCount} issues were loaded`)
  await device.close()
  return tookMs
}

/** A device's database until its tables can be used: from the files that a build prepares (TAB-3), and without them. */
export async function measureFirstStart(rounds: number): Promise<Result> {
  const address = await prepareDeviceDatabase({ isReusing: true })
  const files = new Blob([await readFile(join(root, 'public', address))], { type: 'application/x-gzip' })
  const [oursMs, bareMs]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    oursMs.push(await timeToTables({ loadDataDir: files }))
    bareMs.push(await timeToTables({ initDbStartParams: ['--wal-segsize=1'] }))
  }
  return resultOf(oursMs, bareMs)
}

async function timeToTables(options: PGliteOptions): Promise<number> {
  const startedAtMs = performance.now()
  const pglite = await PGlite.create(options)
  await createDeviceStore({ store: createPgliteStore(pglite), model, migrations }).prepare()
  const tookMs = performance.now() - startedAtMs
  await pglite.close()
  return tookMs
}

async function copyBare(url: string, issueCount: number): Promise<number> {
  const pglite = await bareDatabase()
  // Parents are few, and not what is measured.
  const tables = ['projects', 'members', 'columns', 'issues']
  const startedAtMs = performance.now()
  for (const table of tables) {
    // A connection for each: this driver does not answer after a COPY.
    const sql = postgres(url, { max: 1, connection: { DateStyle: 'ISO, YMD', TimeZone: 'UTC' } })
    const known = await sql<{ names: string }[]>`
      select string_agg(quote_ident(attname), ', ' order by attnum) as names from pg_attribute
      where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = ''`
    const names = known[0]?.names ?? ''
    const chunks: Buffer[] = []
    for await (const chunk of await sql.unsafe(`copy (select ${names} from ${table}) to stdout`).readable()) {
      chunks.push(chunk as Buffer)
    }
    await sql.end({ timeout: 0 })
    await pglite.query(`copy ${table} (${names}) from '/dev/blob'`, [], { blob: new Blob(chunks as BlobPart[]) })
  }
  const tookMs = performance.now() - startedAtMs
  const { rows } = await pglite.query<{ count: number }>('select count(*)::integer as count from issues')
  if (rows[0]?.count !== issueCount) throw new Error(`${rows[0]?.count} of ${issueCount} issues were copied`)
  await pglite.close()
  return tookMs
}

/**
 * The memory a server needs beside itself while one reader takes its time over so many rows, in bytes: the greatest
 * resident size while it streams, minus that before. `readPauseMs` between pieces keeps the transfer slow.
 */
export async function measureSnapshotMemory(crowded: Crowded, readPauseMs: number): Promise<number> {
  const { server, audience } = crowded
  const request = {
    ...{ protocol: protocolVersion, schema: schemaFingerprint, audience, lastOrdinal: 0 },
    ...{ clientId: '0198f000-0000-7000-8000-000000000001', pendingIds: [] },
  } as const
  const before = process.memoryUsage.rss()
  let greatest = before
  await server.writeSnapshot(author, request, async () => {
    greatest = Math.max(greatest, process.memoryUsage.rss())
    await new Promise((resolve) => setTimeout(resolve, readPauseMs))
  })
  return greatest - before
}
