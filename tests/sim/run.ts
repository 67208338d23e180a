/**
 * One seed is one world. It takes its steps, with checks after each; then faults stop, everybody comes online, and every
 * device must equal the server filtered by its audiences (CON-1), and the server the oracle (ORA-1).
 */
import { foundRoom } from './app/room-actions'
import { between, type Chance, chanceOf, chooser, isLucky, tailChanceOf } from './chance'
import { countHistory, Watch } from './checks/watch'
import { faultsOf } from './faults'
import type { Ground } from './ground'
import { type Scene, stepChooser, takeStep } from './steps'
import { Tally } from './tally'
import { userIds } from './view'
import { World } from './world'

export interface SeedOptions {
  readonly seed: number
  readonly steps: number
  /** Steps to leave out. */
  readonly without: ReadonlySet<number>
  /** Databases that are slow to read are checked less often. */
  readonly checkEvery: number
  say?(line: string): void
}

export interface SeedResult {
  readonly tally: Tally
  /** A number that two runs of the same schedule share. */
  readonly trace: number
  /** Null when all was well. */
  readonly failure: Failure | null
}

export interface Failure {
  readonly message: string
  readonly step: number
  readonly lines: readonly string[]
}

/** A world that does not come to rest after so many rounds never will. */
const roundsMax = 80

export async function runSeed(ground: Ground, options: SeedOptions): Promise<SeedResult> {
  const tally = new Tally()
  const lines: string[] = []
  let trace = 0
  let step = 0
  const say = (line: string) => {
    lines.push(line)
    options.say?.(line)
    for (let index = 0; index < line.length; index += 1) trace = (Math.imul(trace, 31) + line.charCodeAt(index)) | 0
  }
  try {
    const world = await World.open(ground, options.seed, tally)
    const chance = chanceOf(options.seed, 'world')
    const faults = faultsOf(chance)
    const scene: Scene = { world, faults, chooseStep: stepChooser(faults), chooseFault: chooser(faults.net), say }
    const watch = new Watch(world)
    await begin(scene, chance)
    for (step = 1; step <= options.steps; step += 1) {
      if (options.without.has(step)) continue
      say(`step ${step}`)
      world.isInterleaved = false
      world.formerServerSkewMs = world.serverSkewMs
      await takeStep(scene, chanceOf(options.seed, step), tailChanceOf(options.seed, step))
      if (step % options.checkEvery === 0) await watch.check()
    }
    await end(scene)
    await watch.checkEnd()
    countHistory(await world.database.look(), tally)
    say(JSON.stringify(tally))
    return { tally, trace, failure: null }
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { tally, trace, failure: { message, step, lines: lines.slice(-12) } }
  } finally {
    await ground.release()
  }
}

async function begin({ world, faults }: Scene, chance: Chance): Promise<void> {
  world.setting = faults
  const first = faults.isDeploying ? world.releases.begin() : 'build-1'
  for (let place = 0; place < faults.serverCount; place += 1) world.startServer(place, first)
  const guests = (host: string) =>
    userIds
      .filter((userId) => userId !== host)
      .map((userId) => ({
        userId,
        role: (['editor', 'editor', 'viewer', 'owner'] as const)[between(chance, 0, 3)] ?? 'editor',
      }))
  world.actOnServer(foundRoom, { title: 'First', guests: guests('ann') }, 'ann')
  await world.settle()
  world.actOnServer(foundRoom, { title: 'Second', guests: guests('ben').slice(0, 2) }, 'ben')
  await world.settle()
  const owners = ['ann', 'ben', 'cleo', 'ann', 'dora', 'ben'].slice(0, between(chance, 2, 5))
  for (const userId of owners) {
    const person = await world.person(userId, isLucky(chance, 0.7) ? 'build-1' : 'build-2')
    if (isLucky(chance, 0.3 * Math.min(1, faults.factor))) person.skewMs = between(chance, -20_000, 20_000)
    person.start()
  }
  await world.settle()
  if (isLucky(chance, 0.9)) await world.deliverAll()
}

/** Faults end, clocks are as they are, everybody comes online, and a build that knows every action runs. */
async function end(scene: Scene): Promise<void> {
  const { world, say } = scene
  say('everybody comes online')
  world.isInterleaved = true
  world.heal()
  world.wakeAll()
  for (let round = 0; round < roundsMax; round += 1) {
    await world.deliverAll()
    if (await world.isDrained()) return
    // What is held is offered again once a day (ACT-4, ING-6); what failed waits up to a minute.
    await world.advance(round % 4 === 3 ? 25 * 3_600_000 : 120_000)
    world.wakeAll()
    await world.settle()
  }
  throw new Error(`[ING-6] Not drained after ${roundsMax} rounds: ${await world.waiting()}`)
}
