/**
 * What can happen in one step. Each step draws from a stream of chance of its own and ends when nothing can go on without
 * the network or time; so a seed is one schedule, and a step can be left out without changing what the others draw.
 */
import { DeviceFailure } from '@/lib/sync/device/client'
import { pick } from '../support/busywork'
import { type Build, everyAction } from './app/actions'
import { chooseDeed } from './app/deeds'
import { between, type Chance, chooser, isLucky } from './chance'
import { heldBy } from './checks/held'
import type { Faults, NetFaults } from './faults'
import type { Message } from './net'
import type { Person } from './person'
import { drained, type Mishap } from './turns'
import { userIds, viewOf } from './view'
import type { World } from './world'

export interface Scene {
  readonly world: World
  readonly faults: Faults
  readonly chooseStep: (chance: Chance) => StepName
  readonly chooseFault: (chance: Chance) => keyof NetFaults
  /** Told what happens, for the trace. */
  say(line: string): void
}

/** How this world chooses its steps: those that hurt are as frequent as its factor says. */
export function stepChooser({ factor }: Faults): Scene['chooseStep'] {
  const hurtingHere = Object.entries(hurting).map(([name, weight]) => [name, weight * factor])
  return chooser({ ...usual, ...Object.fromEntries(hurtingHere) } as Record<StepName, number>)
}

type StepName = keyof typeof usual | keyof typeof hurting

type Step = (scene: Scene, chance: Chance) => Promise<void> | void

const usual = {
  act: 42,
  'a message moves': 70,
  'two things at once': 8,
  wake: 6,
  'a moment passes': 8,
  'a day passes': 0.4,
  'the server acts': 2,
  'files are flushed': 4,
  'somebody doubts': 0.8,
  'the server compacts': 3,
} as const

/** Weights are multiplied by the factor of the world. */
const hurting = {
  'a device dies': 2.5,
  'a server dies': 2,
  'a device restarts': 1.2,
  'a database is lost': 0.4,
  'an outbox is lost': 0.2,
  'a disk is full': 1,
  'a clock goes wrong': 1.5,
  'the server clock jumps': 0.4,
  'signing out and in': 1.5,
  'the server is copied': 1.5,
  'the server is restored': 1.5,
  'another build': 1.5,
  'a deploy': 2.5,
  'a deploy is taken back': 1,
  'a profile is copied': 0.25,
  'an old request comes again': 1,
} as const

const steps: Readonly<Record<StepName, Step>> = {
  act: async (scene, chance) => act(scene, chance, somebody(scene, chance)),
  'a message moves': (scene, chance) => moveMessage(scene, chance),
  'two things at once': twoThings,
  wake: ({ world }, chance) => pick(chance, world.people)?.device?.wake(isLucky(chance, 0.5)),
  'a moment passes': ({ world }, chance) => world.advance(between(chance, 1, isLucky(chance, 0.2) ? 90_000 : 9_000)),
  'a day passes': ({ world }, chance) => world.advance(between(chance, 1, 30) * 3_600_000),
  'files are flushed': (scene, chance) => somebody(scene, chance).database.keep(),
  'somebody doubts': ({ world, ...scene }, chance) => {
    const person = somebody({ world, ...scene }, chance)
    const { device, process, name } = person
    if (!device) return
    if (isLucky(chance, 0.4)) return carryWork({ world, ...scene }, person)
    const isAll = isLucky(chance, 0.3)
    scene.say(`${name} ${isAll ? 'loads everything anew' : 'compares everything'}`)
    const doubting: Promise<unknown> = isAll ? device.resync() : device.verify()
    doubting.catch((error: unknown) => process.isAlive && world.failures.push(error))
  },
  'the server compacts': ({ world, faults }, chance) => {
    if (faults.isCompacting) world.compact(between(chance, 0, world.servers.length - 1))
  },
  'the server acts': async (scene, chance) => {
    const { world } = scene
    const { rows } = await drained(world.database.look())
    const userId = pick(chance, userIds) ?? 'ann'
    const audiences = heldBy({ rows }, userId)
    const deed = chooseDeed(viewOf({ userId, build: 'build-2', rows, audiences, knownRooms: new Set() }), chance)
    const action = everyAction.find((one) => one.name === deed.name)
    scene.say(`the server as ${userId}: ${deed.name}`)
    if (action) world.actOnServer(action, deed.input, userId)
  },
  'a device dies': (scene, chance) =>
    plan(somebody(scene, chance).process, chance, ['die-before', 'die-during', 'die-after']),
  'a server dies': ({ world }, chance) => {
    const server = pick(chance, world.servers)
    if (server) plan(server.process, chance, ['die-before', 'die-during', 'die-after', 'fail-before', 'fail-after'])
  },
  'a device restarts': async (scene, chance) => {
    const person = somebody(scene, chance)
    person.process.kill()
    if (isLucky(chance, 0.3)) await drained(person.database.goBack())
    person.start()
  },
  'a database is lost': async (scene, chance) => {
    const person = somebody(scene, chance)
    person.process.kill()
    await drained(person.database.empty())
    await drained(person.database.keep())
    scene.world.tally.count('database lost')
    person.start()
  },
  'an outbox is lost': loseOutbox,
  'a disk is full': (scene, chance) => {
    somebody(scene, chance).failingWrite = between(chance, 1, 3)
  },
  'a clock goes wrong': (scene, chance) => {
    const hour = 3_600_000
    const skews = [0, 5_000, -5_000, 60_000, -60_000, -hour, hour, 30 * 24 * hour, 365 * 24 * hour]
    somebody(scene, chance).skewMs = pick(chance, skews) ?? 0
  },
  'the server clock jumps': ({ world }, chance) => {
    world.serverSkewMs = pick(chance, [0, 3_000, -3_000, 120_000, -120_000]) ?? 0
  },
  'signing out and in': (scene, chance) => {
    const person = somebody(scene, chance)
    person.isSignedIn = !person.isSignedIn
    if (person.isSignedIn) person.device?.signedIn()
  },
  'the server is copied': async ({ world, faults }) => {
    if (!faults.isRestoring) return
    await drained(world.database.keep())
    world.isKept = true
  },
  'the server is restored': restore,
  'another build': (scene, chance) => {
    const build: Build = isLucky(chance, 0.5) ? 'build-1' : 'build-2'
    const person = somebody(scene, chance)
    // Where builds are compared, a server without one would work beside all of them.
    const isServer = isLucky(chance, 0.5) && !scene.faults.isDeploying
    if (isServer) return scene.world.startServer(between(chance, 0, scene.world.servers.length - 1), build)
    person.build = build
    person.process.kill()
    person.start()
  },
  'a deploy': deploy,
  'a deploy is taken back': takeBack,
  'a profile is copied': copyProfile,
  'an old request comes again': ({ world, say }, chance) => {
    const message = pick(chance, world.net.served)
    if (!message) return
    say(`message ${message.id} again`)
    world.tally.count('twice')
    world.serve(message, chance, false)
  },
}

const roomsMax = 4

/** `tailChance` draws for the live tails, which tell something beside most steps. */
export async function takeStep(scene: Scene, chance: Chance, tailChance: Chance): Promise<void> {
  const { world } = scene
  const name = scene.chooseStep(chance)
  if (name === 'two things at once' && isLucky(tailChance, 0.5)) moveTail(scene, tailChance)
  scene.say(name)
  for (const person of world.people) if (!person.process.isAlive && isLucky(chance, 0.5)) person.start()
  await steps[name](scene, chance)
  await world.settle()
  for (let moves = between(tailChance, 0, 3); moves > 0; moves -= 1) {
    moveTail(scene, tailChance)
    await world.settle()
  }
}

function moveTail({ world, faults }: Scene, chance: Chance): void {
  const person = pick(chance, world.people)
  if (person?.process.isAlive) world.moveTail(person, faults, chance)
}

function somebody({ world }: Scene, chance: Chance): Person {
  const person = pick(chance, world.people)
  if (!person) throw new RangeError('A world without people')
  return person
}

async function act(scene: Scene, chance: Chance, person: Person): Promise<void> {
  const { rows, audiences } = await drained(person.database.look())
  const { userId, build, knownRooms } = person
  const deed = chooseDeed(viewOf({ userId, build, rows, audiences: audiences ?? [], knownRooms }), chance)
  // Everybody founding rooms would make worlds slow and no harder.
  if (deed.name === 'room.found' && knownRooms.size >= roomsMax) return
  scene.say(`${person.name}: ${deed.name}`)
  person.act(deed.name, deed.input)
}

async function moveMessage(scene: Scene, chance: Chance): Promise<void> {
  const underWay = scene.world.net.underWay()
  // Usually the oldest: a network mostly keeps order.
  const message = isLucky(chance, 0.7) ? underWay[0] : pick(chance, underWay)
  if (message === undefined) await act(scene, chance, somebody(scene, chance))
  else move(scene, chance, message)
}

function move({ world, chooseFault, say }: Scene, chance: Chance, message: Message): void {
  say(`message ${message.id} ${message.place}`)
  const owner = world.people.find((person) => person.process === message.process)
  if (message.place === 'to-device') world.net.arrive(message)
  else if (message.isForgotten) arriveLate(world, chance, message)
  else if (owner?.isSignedIn === false) refuse(message, { kind: 'signed-out' })
  else onTheWay[chooseFault(chance)](world, chance, message)
}

function arriveLate(world: World, chance: Chance, message: Message): void {
  message.place = 'over'
  if (isLucky(chance, 0.6)) return
  world.tally.count('late request')
  world.serve(message, chance, false)
}

type OnTheWay = (world: World, chance: Chance, message: Message) => void

const onTheWay: Readonly<Record<keyof NetFaults, OnTheWay>> = {
  none: (world, chance, message) => world.serve(message, chance),
  'lost request': (world, _chance, message) => {
    world.tally.count('lost request')
    refuse(message, { kind: 'offline' })
  },
  'lost answer': (world, chance, message) => {
    world.tally.count('lost answer')
    world.serve(message, chance, false)
    refuse(message, { kind: 'offline' })
  },
  'no answer in time': (world, chance, message) => {
    world.tally.count('lost answer')
    world.serve(message, chance, false)
    message.place = 'over'
  },
  twice: (world, chance, message) => {
    world.tally.count('twice')
    world.serve(message, chance, false)
    world.serve(message, chance)
  },
  html: (_world, _chance, message) => refuse(message, { kind: 'invalid', message: 'html' }),
  'html after all': (world, chance, message) => {
    world.serve(message, chance, false)
    refuse(message, { kind: 'invalid', message: 'cut off' })
  },
  'rate limit': (_world, chance, message) =>
    refuse(message, { kind: 'back-off', isRateLimit: true, retryAfterMs: between(chance, 1, 5) * 1_000 }),
  'gateway error': (_world, _chance, message) =>
    refuse(message, { kind: 'back-off', isRateLimit: false, retryAfterMs: null }),
  'gateway error after all': (world, chance, message) => {
    world.tally.count('lost answer')
    world.serve(message, chance, false)
    refuse(message, { kind: 'back-off', isRateLimit: false, retryAfterMs: null })
  },
  'too large': (world, chance, message) =>
    message.offered > 1 ? refuse(message, { kind: 'too-large' }) : world.serve(message, chance),
}

function refuse(message: Message, outcome: NonNullable<Message['outcome']>): void {
  message.place = 'to-device'
  message.outcome = outcome
}

/** Two or three processes work at once; their turns are interleaved by chance. */
async function twoThings(scene: Scene, chance: Chance): Promise<void> {
  const { world } = scene
  world.isInterleaved = true
  const chosen = new Set([pick(chance, world.net.underWay()), pick(chance, world.net.underWay())])
  for (const message of chosen) if (message) move(scene, chance, message)
  if (scene.faults.isCompacting && isLucky(chance, 0.2)) world.compact(between(chance, 0, world.servers.length - 1))
  if (chosen.size === 1 || isLucky(chance, 0.4)) {
    // Often somebody whose device is just hearing something: what it does and what it hears meet.
    const [first] = chosen
    const hearing = isLucky(chance, 0.7) ? world.people.find(({ process }) => process === first?.process) : undefined
    const person = hearing ?? somebody(scene, chance)
    if (isLucky(chance, 0.1 * scene.faults.factor)) person.failingWrite = 1
    await act(scene, chance, person)
  }
  await world.settle(chance)
}

function plan(process: Person['process'], chance: Chance, mishaps: readonly Mishap[]): void {
  process.plan(pick(chance, mishaps) ?? 'die-before', between(chance, 1, 12))
}

/** Somebody does not trust this device to reach the server: its work goes to their other one as a file (OUT-2). */
function carryWork({ world, say }: Scene, from: Person): void {
  const to = world.people.find((other) => other !== from && other.userId === from.userId)
  if (!from.device || !to?.device) return
  const { process } = to
  const takeIn = to.device.importPending
  say(`the work of ${from.name} goes to ${to.name} as a file`)
  from.device
    .exportPending()
    .then((text) => takeIn(text))
    .then((report) => report.kind === 'taken-in' && report.fresh > 0 && world.tally.count('work moved by file'))
    .catch((error: unknown) => process.isAlive && !(error instanceof DeviceFailure) && world.failures.push(error))
}

async function loseOutbox(scene: Scene, chance: Chance): Promise<void> {
  if (scene.faults.isRestoring) return
  const person = somebody(scene, chance)
  const look = await drained(person.database.look())
  const { records } = await drained(person.outbox.load())
  const inDatabase = new Set(look.pending.map((row) => row.id))
  // Only a loss that the other store can make good: losing both copies is beyond anybody.
  if (records.some((record) => record.confirmedAtMs === null && !inDatabase.has(record.id))) return
  person.process.kill()
  person.loseOutbox()
  await drained(person.database.keep())
  person.start()
}

async function restore({ world, faults, say }: Scene, chance: Chance): Promise<void> {
  if (!faults.isRestoring || !world.isKept) return
  world.tally.count('restore')
  world.restores += 1
  for (const { process } of world.servers) process.kill()
  await drained(world.database.goBack())
  await world.operate((store) => world.releases.migrateAgain(store))
  if (isLucky(chance, 0.5)) await drained(world.database.forgetEpoch())
  else say('nobody is told')
}

/** One server at a time: the others go on with the older build until they are turned away. */
async function deploy({ world, faults, say }: Scene, chance: Chance): Promise<void> {
  if (!faults.isDeploying) return
  if (isLucky(chance, 0.35)) {
    await world.operate((store) => world.releases.migrate(store))
    world.tally.count('migration')
  }
  const build = world.releases.next(between(chance, 1, 2))
  say(`build ${build}, ${world.releases.schema}`)
  world.startServer(between(chance, 0, world.servers.length - 1), build)
}

async function takeBack({ world, faults, say }: Scene, chance: Chance): Promise<void> {
  const build = world.releases.former(between(chance, 1, 2))
  if (!faults.isDeploying || build === null) return
  say(`back to build ${build}`)
  world.tally.count('deploy taken back')
  await world.operate((store) => world.releases.rollBack(store, build))
  world.startServer(between(chance, 0, world.servers.length - 1), build)
}

async function copyProfile(scene: Scene, chance: Chance): Promise<void> {
  const { world } = scene
  if (world.people.length >= 6) return
  const person = somebody(scene, chance)
  const copy = await drained(world.person(person.userId, person.build))
  await drained(copy.takeOver(person))
  copy.start()
}
