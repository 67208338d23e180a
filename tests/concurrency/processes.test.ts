/** Several server processes on one Postgres: what readers in another process see meanwhile, and what a killed one leaves. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OfferedAction } from '@/lib/sync/core/protocol'
import type { Store } from '@/lib/sync/store/driver'
import { createPostgresStore } from '@/lib/sync/store/postgres-driver'
import { createTestDatabase, type TestDatabase } from '@/tests/support/postgres'
import { clubOf, createClient, type ExchangeServer, emptyClubs, look, noonMs, type RawClient } from './authority'
import { until } from './barrier'
import { people } from './campaign'
import { installClub } from './club'
import { addMember, carryThing, copyCounter, foundClub, makeThing, turnCounter } from './club-actions'
import { deadlyAction } from './deadly-action'
import { entriesStatement, lockStatement, logStatement } from './faulty-store'
import { createFold } from './fold'
import { createFollower, type Follower } from './follower'
import { afterCommit, type Flaw } from './messages'
import { expectConsistent } from './oracle'
import { createTally, NoAnswer, type ServerProcess, startServerProcess } from './processes'

const timeoutMs = 180_000
const pushesEach = 8
let databases: TestDatabase[]
let store: Store
let scratch: Store
let processes: ServerProcess[]
const tally = createTally()
let nowMs = noonMs
let ann: RawClient
let clubIds: string[]

function start(name: string, flaw?: Flaw): Promise<ServerProcess> {
  return startServerProcess({ url: databases[0]!.url, name, tally, now: () => nowMs, ...(flaw ? { flaw } : {}) })
}

beforeAll(async () => {
  databases = [await createTestDatabase(), await createTestDatabase()]
  ;[store, scratch] = [databases[0]!, databases[1]!].map(({ url }) =>
    createPostgresStore(url, { connectionsMax: 3 }),
  ) as [Store, Store]
  await installClub(store)
  await installClub(scratch)
  processes = await Promise.all(['writer 1', 'writer 2', 'writer 3', 'reader'].map((name) => start(name)))
})
afterAll(async () => {
  for (const each of processes) await each.close()
  await store.close()
  await scratch.close()
  for (const each of databases) await each.drop()
})
beforeEach(async () => {
  await emptyClubs(store)
  Object.assign(tally, createTally())
  nowMs = noonMs
  ann = createClient({ server: processes[0]! }, 'ann')
  const foundings = ['one', 'two', 'three'].map((name, at) => ann.make(foundClub, { name }, { at: -90_000 + at }))
  clubIds = foundings.map(({ id }) => clubOf(id))
  const others = people.filter((user) => user !== 'ann')
  await ann.push(
    ...foundings,
    ...clubIds.flatMap((clubId, index) =>
      others.map((userId, at) => ann.make(addMember, { clubId, userId }, { at: -80_000 + index * 10 + at })),
    ),
  )
})

const club = (index: number) => clubIds[index % clubIds.length]!

/** One client that pushes as fast as it is answered; every fourth push comes with clocks of some pushes ago. */
async function writeAtFullSpeed(server: ExchangeServer, { user, from }: { user: string; from: number }): Promise<void> {
  const client = createClient({ server }, user)
  for (let round = 0; round < pushesEach; round += 1) {
    nowMs += 10
    const at = nowMs - noonMs - (round % 4 === 3 ? 45 : 0)
    const [here, there] = [club(from + round), club(from + round + 1)]
    const first =
      round % 2 === 0
        ? client.make(makeThing, { clubId: here, label: `${user} ${round}` }, { at })
        : client.make(turnCounter, { clubId: here, by: round }, { at })
    const acrossBoth = round % 3 === 0 ? copyCounter : carryThing
    await client.push(first, client.make(acrossBoth, { from: here, to: there }, { at: at + 1 }))
  }
}

/** Three processes write, readers follow in another one, and new ones join all the time. */
async function writeAndFollow(reader: ExchangeServer) {
  const followers = people.map((user) => createFollower(createClient({ server: reader }, user)))
  const joined: Follower[] = []
  let isOver = false
  const untilOver = async (step: () => Promise<unknown>) => {
    while (!isOver) await step()
  }
  const join = async () => {
    const newcomer = createFollower(createClient({ server: reader }, 'ben'))
    await newcomer.step()
    await newcomer.step()
    joined.push(newcomer)
  }
  const reading = [...followers.map(({ step }) => step), join].map(untilOver)
  const writing = processes
    .slice(0, 3)
    .flatMap((server, index) =>
      [index, index + 1].map((from) => writeAtFullSpeed(server, { user: people[from]!, from })),
    )
  await Promise.all(writing).finally(() => {
    isOver = true
  })
  await Promise.all(reading)
  return { followers, joined: joined.slice(-3) }
}

describe('readers while three processes write', () => {
  it(
    '[ING-5, CON-1, FM-58, FM-74] miss no entry, see whole ingests only, and end with the rows of the server',
    async () => {
      const { followers, joined } = await writeAndFollow(processes[3]!)
      await expectConsistent(store, scratch)
      for (const follower of [...followers, ...joined]) {
        await follower.catchUp()
        await follower.expectRows(store)
      }
      expect(followers.reduce((sum, { applied }) => sum + applied.entries, 0)).toBeGreaterThan(200)
      expect(joined.length).toBe(3)
      expect(tally.overlaps).toBeGreaterThan(10)
      expect(tally.paths.fast).toBeGreaterThan(5)
      expect(tally.paths.late).toBeGreaterThan(5)
      expect(tally.retries).toEqual([])
    },
    timeoutMs,
  )

  it.each([
    ['of one moment sees it whole', undefined, []],
    ['of several moments would see it torn, and is found out', 'no-snapshots' as const, ['torn']],
  ])('[ING-5, FM-58] an ingest that is committed while a reader reads: one whose read is %s', async (_, flaw, torn) => {
    const reader = await start('torn reader', flaw)
    const fold = createFold()
    const client = createClient({ server: reader }, 'ben')
    const read = async () => fold.take(await client.read(fold.cursors())).findings
    await ann.push(ann.make(makeThing, { clubId: club(0), label: 'thing' }, { at: 0 }))
    await read()
    await ann.push(ann.make(turnCounter, { clubId: club(0), by: 1 }, { at: 1 }))
    const stopped = reader.stopAt(entriesStatement)
    const reading = read()
    await stopped
    await ann.push(ann.make(carryThing, { from: club(0), to: club(1) }, { at: 2 }))
    reader.go()
    const findings = [...(await reading), ...(await read())]
    expect(findings.map((text) => (text.includes('came in two answers') ? 'torn' : text))).toEqual(torn)
    await reader.close()
  })
})

/** Every row of every table, the engine's as well: what a half done ingest would have left somewhere. */
async function everything(): Promise<unknown> {
  const tables = await look<{ name: string }>(
    { store },
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'sync') order by 1`,
  )
  const rows = tables.map(({ name }) => `select '${name}' as of, t::text as row from ${name} t`).join(' union all ')
  return look({ store }, `${rows} order by 1, 2`)
}

async function untilGone(applicationName: string): Promise<void> {
  await until(`${applicationName} has no connection`, async () => {
    const rows = await look(
      { store },
      `select 1 as one from pg_stat_activity where application_name = '${applicationName}'`,
    )
    return rows.length === 0
  })
}

/** Pushes to a fresh process, which is killed at this statement; nobody is answered. */
async function pushAndKill(actions: readonly OfferedAction[], text: string): Promise<void> {
  const name = `victim ${randomUUID().slice(0, 8)}`
  const victim = await start(name)
  const stopped = victim.stopAt(text)
  const push = createClient({ server: victim }, 'ann', ann.clientId).push(...actions)
  const [failure] = await Promise.all([push.catch((error: unknown) => error), stopped.then(() => victim.kill())])
  expect(failure).toBeInstanceOf(NoAnswer)
  await untilGone(name)
}

describe('a server process that is killed', () => {
  const kills: readonly (readonly [place: string, text: string, isTaken: boolean])[] = [
    ['before it has its locks', lockStatement, false],
    ['inside an action', 'update "counters"', false],
    ['while it writes the log', logStatement, false],
    ['before it saves the heads', 'insert into sync.audiences', false],
    ['after COMMIT, before anybody was told', afterCommit, true],
  ]

  it(
    '[ING-6, ING-2, FM-04, CX-21] at any place leaves all or nothing, and another process answers the push once more',
    async () => {
      for (const [place, text, isTaken] of kills) {
        const at = kills.findIndex(([, each]) => each === text) * 100
        const actions = [
          ann.make(turnCounter, { clubId: club(0), by: 3 }, { at }),
          ann.make(turnCounter, { clubId: club(1), by: 4 }, { at: at + 1 }),
        ]
        const before = await everything()
        await pushAndKill(actions, text)
        const after = await everything()
        if (isTaken) expect(after, place).not.toEqual(before)
        else expect(after, place).toEqual(before)
        const [survivor, other] = processes.slice(0, 2).map((server) => createClient({ server }, 'ann', ann.clientId))
        const receipts = await survivor!.push(...actions)
        expect(
          receipts.map(({ status }) => status),
          place,
        ).toEqual(['applied', 'applied'])
        if (isTaken) expect(await everything(), place).toEqual(after)
        expect(await other!.push(...actions)).toEqual(receipts)
      }
      expect(tally.kills).toBe(kills.length)
      await expectConsistent(store, scratch)
    },
    timeoutMs,
  )

  it('[ING-6, CX-21] by an action takes nothing of the push with it, and its neighbours are taken without it', async () => {
    const victim = await start('victim of an action')
    const client = createClient({ server: victim }, 'ann', ann.clientId)
    const first = client.make(turnCounter, { clubId: club(0), by: 3 }, { at: 0, ordinal: 1_001 })
    const deadly = client.make(deadlyAction, { clubId: club(0) }, { at: 1, ordinal: 1_002 })
    const last = client.make(turnCounter, { clubId: club(0), by: 4 }, { at: 2, ordinal: 1_003 })
    const before = await everything()
    await expect(client.push(first, deadly, last)).rejects.toBeInstanceOf(NoAnswer)
    await untilGone(victim.applicationName)
    expect(await everything()).toEqual(before)
    const survivor = createClient({ server: processes[1]! }, 'ann', ann.clientId)
    const receipts = await survivor.push(first, last)
    expect(receipts.map(({ status }) => status)).toEqual(['applied', 'applied'])
    expect(await look({ store }, `select total::int from counters where total > 0`)).toEqual([{ total: 10 }])
    await expectConsistent(store, scratch)
  })
})
