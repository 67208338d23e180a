/**
 * A campaign of appends: many clients on several server processes, with absences, wrong clocks, processes that are killed
 * in the middle of an ingest and backends that are terminated. What comes out is a history, and what the checkers find
 * in it. The seed decides what clients do and who is harmed where; which ingest meets which is new each time.
 */
import type { Receipt } from '@/lib/sync/core/protocol'
import type { Store } from '@/lib/sync/store/driver'
import { type Append, type AppendHistory, checkAppends, type Finding, listKey } from './append-checker'
import { clubOf, createClient, type ExchangeServer, look, noonMs } from './authority'
import { until } from './barrier'
import { type Dice, dice, people } from './campaign'
import { addMember, foundClub } from './club-actions'
import { lockStatement, logStatement } from './faulty-store'
import { append, appendBoth, quote } from './list-actions'
import { afterCommit, type Flaw } from './messages'
import { createTally, NoAnswer, type ProcessTally, type ServerProcess, startServerProcess } from './processes'
import { createSession, type Session } from './session'
import { checkSessions } from './session-checker'

const serverCount = 3
const skewsMs = [0, 10, 300, -90, 60, 0, -2_000, -400, 120]
/** Where a process is harmed, and whether it is killed or its backend is terminated. */
const harms = [
  ['kill', logStatement],
  ['terminate', 'insert into "lists"'],
  ['kill', afterCommit],
  ['terminate', logStatement],
  ['kill', lockStatement],
] as const

export interface CampaignOptions {
  readonly seed: string
  readonly url: string
  readonly store: Store
  /** Rounds of each of the eight clients that are there. */
  readonly rounds: number
  /** A planted bug in every server; then nobody is harmed besides. */
  readonly flaw?: Flaw
}

export interface CampaignResult {
  readonly findings: readonly Finding[]
  readonly history: AppendHistory
  readonly sessions: readonly Session[]
  readonly tally: ProcessTally
  /** Exchanges that nobody answered. */
  readonly unanswered: number
  readonly terminated: number
}

interface Run extends CampaignOptions {
  readonly clubIds: readonly string[]
  readonly servers: ServerProcess[]
  readonly tally: ProcessTally
  readonly start: (name: string) => Promise<ServerProcess>
  readonly time: { ms: number }
  readonly seen: { rounds: number; unanswered: number; terminated: number; isOver: boolean }
}

export async function runAppendCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const run = await prepare(options)
  try {
    const sessions = skewsMs.map((skewMs, index) =>
      createSession({ user: people[index % people.length] ?? '', now: () => run.time.ms, skewMs }),
    )
    await Promise.all(sessions.map((session, index) => session.exchange(serverOf(run, index))))
    // With a planted bug nobody is away: who comes back last makes all of history run again, and that mends it.
    const present = options.flaw ? sessions : sessions.slice(1)
    if (!options.flaw) takeSingles(run, sessions)
    const harming = options.flaw ? Promise.resolve() : harmServers(run)
    const working = present.map((session, index) => work(run, session, index))
    await Promise.all(working).finally(() => {
      run.seen.isOver = true
    })
    await harming
    for (const session of present) await finish(run, session)
    const before = checkAppends(await readHistory(options.store))
    for (const session of sessions) await finish(run, session)
    // Servers with a planted bug may have damaged their log so much that nobody is answered any more.
    const readAll = options.flaw
      ? tryExchange
      : (_: Run, session: Session, server: ExchangeServer) => session.exchange(server)
    for (const session of sessions) await readAll(run, session, serverOf(run, 0))
    const history = await readHistory(options.store)
    const findings = [...before, ...findingsOf(sessions, history)]
    return { findings, history, sessions, tally: run.tally, ...run.seen }
  } finally {
    await Promise.all(run.servers.map((server) => server.close()))
  }
}

async function prepare(options: CampaignOptions): Promise<Run> {
  const time = { ms: noonMs }
  const tally = createTally()
  const start = (name: string) =>
    startServerProcess({
      url: options.url,
      name,
      tally,
      now: () => time.ms,
      ...(options.flaw ? { flaw: options.flaw } : {}),
    })
  const servers = await Promise.all(Array.from({ length: serverCount }, (_, index) => start(`server ${index}`)))
  const ann = createClient({ server: servers[0] as ExchangeServer }, 'ann')
  const foundings = ['one', 'two', 'three'].map((name, at) => ann.make(foundClub, { name }, { at: -90_000 + at }))
  const clubIds = foundings.map(({ id }) => clubOf(id))
  const members = clubIds.flatMap((clubId, index) =>
    membersOf(index).map((userId, at) => ann.make(addMember, { clubId, userId }, { at: -80_000 + index * 10 + at })),
  )
  await ann.push(...foundings, ...members)
  const seen = { rounds: 0, unanswered: 0, terminated: 0, isOver: false }
  return { ...options, clubIds, servers, tally, start, time, seen }
}

/** Besides the founder. One of them is not in the third club: not everybody sees everything. */
function membersOf(club: number): string[] {
  return people.filter((user) => user !== 'ann' && !(user === 'dan' && club === 2))
}

function serverOf({ servers }: Run, index: number): ExchangeServer {
  return servers[index % servers.length] as ExchangeServer
}

/**
 * Lists for one item: the first client takes them and is away until all is over, the second takes them later and is told
 * that they are its own. So somebody is pushed out in every campaign, whatever chance does.
 */
function takeSingles({ clubIds, time }: Run, [absent, second]: readonly Session[]): void {
  for (const session of [absent, second]) {
    time.ms += 1_000
    for (const clubId of clubIds) session?.append(append, (item) => ({ clubId, list: 'single', item, itemsMax: 1 }))
  }
}

/** Appends, and exchanges now and then: what was made long before it is sent comes late. */
async function work(run: Run, session: Session, index: number): Promise<void> {
  for (let round = 0; round < run.rounds; round += 1) {
    const roll = dice(`${run.seed} ${index} ${round}`)
    run.time.ms += 20
    for (let many = 1 + roll.below(2); many > 0; many -= 1) appendSomething(run, session, roll)
    if (roll.chance(60)) await tryExchange(run, session, serverOf(run, roll.below(serverCount)))
    run.seen.rounds += 1
  }
}

function appendSomething(run: Run, session: Session, roll: Dice): void {
  const own = run.clubIds.filter((_, index) => session.user === 'ann' || membersOf(index).includes(session.user))
  const clubId = roll.one(own)
  const other = roll.one(own.filter((each) => each !== clubId))
  const list = roll.one(['a', 'b'])
  const kind = roll.below(10)
  if (kind < 5) session.append(append, (item) => ({ clubId, list, item }))
  else if (kind < 7) session.append(append, (item) => ({ clubId, list: 'few', item, itemsMax: 5 }))
  else if (kind < 9) session.append(quote, (item) => ({ from: clubId, to: other, list, item }))
  else session.append(appendBoth, (item) => ({ first: clubId, second: other, list, item }))
}

async function tryExchange(run: Run, session: Session, server: ExchangeServer): Promise<void> {
  try {
    await session.exchange(server)
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    run.seen.unanswered += 1
  }
}

/** Sends what still waits, as a device would for ever; a few turns are enough for any server that works. */
async function finish(run: Run, session: Session): Promise<void> {
  for (let turn = 0; turn < 8 && session.waiting > 0; turn += 1) await tryExchange(run, session, serverOf(run, turn))
}

/** One harm after another, evenly over the campaign, each at the statement it is meant for. */
async function harmServers(run: Run): Promise<void> {
  const total = run.rounds * (skewsMs.length - 1)
  for (const [index, [how, place]] of harms.entries()) {
    const mark = (total * index) / (harms.length + 2)
    await until(`round ${mark} has come`, () => run.seen.rounds >= mark, 60_000)
    const which = dice(`${run.seed} harm ${index}`).below(serverCount)
    const server = run.servers[which] as ServerProcess
    const stopped = server.stopAt(place)
    const over = until('all is over', () => run.seen.isOver, 60_000).then(() => 'over')
    if ((await Promise.race([stopped, over])) === 'over') return
    if (how === 'kill') {
      await server.kill()
      run.servers[which] = await run.start(`server ${which} after harm ${index}`)
    } else {
      await terminateBackends(run, server)
      server.go()
    }
  }
}

async function terminateBackends({ store, seen }: Run, { applicationName }: ServerProcess): Promise<void> {
  const rows = await look<{ pid: number }>(
    { store },
    `select pg_terminate_backend(pid)::text, pid from pg_stat_activity
     where application_name = '${applicationName}' and state = 'idle in transaction'`,
  )
  const pids = rows.map(({ pid }) => pid).join(', ') || '0'
  await until('its backends are gone', async () => {
    const left = await look({ store }, `select 1 as one from pg_stat_activity where pid in (${pids})`)
    return left.length === 0
  })
  seen.terminated += rows.length
}

function findingsOf(sessions: readonly Session[], history: AppendHistory): Finding[] {
  const pages = sessions.flatMap(({ findings }) => findings.map((detail) => ({ kind: 'page', detail })))
  const unsent = sessions
    .filter(({ waiting }) => waiting > 0)
    .map(({ clientId, waiting }) => ({ kind: 'unanswered', detail: `${waiting} of ${clientId}` }))
  const seenBefore = new Map(sessions.flatMap((session) => [...session.seenBefore]))
  const observations = sessions.flatMap((session) => session.observations)
  return [
    ...pages,
    ...unsent,
    ...checkAppends(history),
    ...checkSessions({ appends: history.appends, seenBefore, observations }),
  ]
}

interface AppendInput {
  readonly item: string
  readonly list: string
  readonly clubId?: string
  readonly first?: string
  readonly second?: string
  readonly to?: string
}

/** Every append, every look and every list, as the database has them. */
export async function readHistory(store: Store): Promise<AppendHistory> {
  const rows = await look<{ receipt: string; input: string; ordinal: string }>(
    { store },
    `select i.receipt, i.ordinal, a.input from sync.ids i join sync.actions a on a.id = i.id where a.name like 'list.%'`,
  )
  const looks = await look<{ item: string; list: string; seen: string }>(
    { store },
    'select item, list, seen from looks',
  )
  const lists = await look<{ audience: string; name: string; items: string }>({ store }, 'select * from lists')
  const wavering = await readWavering(store)
  return {
    appends: rows.map(({ receipt, ordinal, input }): Append => {
      const { actionId: id, clientId, clock, status } = JSON.parse(receipt) as Receipt
      const { item, list, clubId, first, second, to } = JSON.parse(input) as AppendInput
      const clubs = [clubId, first, second, to].filter((club) => club !== undefined)
      const keys = clubs.map((club) => listKey(`club:${club}`, list))
      return { id, item, clientId, ordinal: Number(ordinal), clock, status, wavered: wavering.has(id), keys }
    }),
    looks: looks.map(({ item, list, seen }) => ({ item, key: list, seen: seen.split(' ').filter(Boolean) })),
    lists: new Map(lists.map(({ audience, name, items }) => [listKey(audience, name), items.split(' ')])),
  }
}

/** Actions whose authors were told one thing and then another: the private logs still have every word. */
async function readWavering(store: Store): Promise<Set<string>> {
  const entries = await look<{ receipts: string }>(
    { store },
    `select receipts from sync.log where kind = 'receipts' order by audience, seq`,
  )
  const told = new Map<string, string>()
  const wavering = new Set<string>()
  for (const { actionId, status } of entries.flatMap(({ receipts }) => JSON.parse(receipts) as Receipt[])) {
    if ((told.get(actionId) ?? status) !== status) wavering.add(actionId)
    told.set(actionId, status)
  }
  return wavering
}
