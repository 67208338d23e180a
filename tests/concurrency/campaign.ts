/**
 * Random work of several people on several clients, as pushes in the order in which they arrive: skewed clocks, clocks
 * that go backwards, long absences, pushes that overtake each other, repeats, forged bodies, unknown versions.
 */

import { v5 } from 'uuid'
import { encodeClock } from '@/lib/sync/core/hlc'
import { seededRandom } from '@/lib/sync/core/ids'
import type { ExchangeAnswer, OfferedAction } from '@/lib/sync/core/protocol'
import { type Authority, clubOf, createClient, noonMs } from './authority'

export const people = ['ann', 'ben', 'cat', 'dan'] as const
const namespace = '3f1c6a52-0a2f-4b52-9a0e-5f6c1f6f3c10'

export interface RandomPush {
  readonly user: string
  readonly clientId: string
  /** Server time when it arrives. */
  readonly atMs: number
  readonly actions: readonly OfferedAction[]
  /** True for the servers of an older build, which does not know every action. */
  readonly toOldBuild: boolean
}

interface Client {
  readonly user: string
  readonly clientId: string
  readonly skewMs: number
  ordinal: number
  lastMs: number
  waiting: OfferedAction[]
}

export interface Dice {
  (): number
  below(many: number): number
  one<Value>(values: readonly Value[]): Value
  chance(percent: number): boolean
}

export function dice(seed: string): Dice {
  const random = seededRandom(seed)
  return Object.assign(() => random(), {
    below: (many: number) => Math.floor(random() * many),
    one: <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value,
    chance: (percent: number) => random() * 100 < percent,
  })
}

/** The pushes of one seed. The first one founds the clubs; what follows is chance. */
export function randomPushes(seed: string, steps: number): RandomPush[] {
  const id = (name: string) => v5(`${seed} ${name}`, namespace)
  const clients = people.flatMap((user, person): Client[] =>
    [0, 1].map((device) => ({
      user,
      // Version 4, as devices make them.
      clientId: id(`client ${user} ${device}`).replace(/^(.{14})5/, '$14'),
      skewMs: [0, -4_000, 3_000, -9_000, 6_000, 0, -30_000, 1_000][person * 2 + device] ?? 0,
      ordinal: 0,
      lastMs: 0,
      waiting: [],
    })),
  )
  const { clubs, pushes } = foundings(clients, id)
  const sent: OfferedAction[] = []
  for (let step = 0; step < steps; step += 1) {
    const roll = dice(`${seed} ${step}`)
    const atMs = noonMs + step * 700
    const client = roll.one(clients)
    const many = 1 + roll.below(3)
    for (let index = 0; index < many; index += 1) {
      client.waiting.push(act(client, { roll, atMs, clubs, id: id(`action ${step} ${index}`) }))
    }
    if (!roll.chance(35)) continue
    const { user, clientId } = client
    const toOldBuild = roll.chance(6)
    for (const actions of inArrivalOrder(client.waiting, roll)) {
      pushes.push({ user, clientId, atMs, actions, toOldBuild })
      sent.push(...actions)
    }
    client.waiting = []
    const known = roll.one(sent)
    if (roll.chance(8)) pushes.push({ user, clientId, atMs, actions: [forged(known, roll)], toOldBuild: false })
    if (roll.chance(8)) pushes.push({ ...roll.one(pushes), atMs })
  }
  for (const { user, clientId, waiting } of clients) {
    if (waiting.length > 0) {
      pushes.push({ user, clientId, atMs: noonMs + steps * 700, actions: waiting.slice(0, 100), toOldBuild: false })
    }
  }
  return pushes
}

function foundings(clients: readonly Client[], id: (name: string) => string) {
  const clubs: string[] = []
  const pushes: RandomPush[] = []
  for (const founder of people.slice(0, 3)) {
    const client = clients.find(({ user }) => user === founder) as Client
    const founding = id(`founding ${founder}`)
    const clubId = clubOf(founding)
    clubs.push(clubId)
    const actions = [
      offer(client, { id: founding, name: 'club.found', input: { name: founder }, ms: noonMs - 60_000 }),
      ...people
        .filter((user) => user !== founder)
        .map((userId) =>
          offer(client, {
            id: id(`${founder} adds ${userId}`),
            name: 'member.add',
            input: { clubId, userId },
            ms: noonMs - 59_000,
          }),
        ),
    ]
    pushes.push({ user: founder, clientId: client.clientId, atMs: noonMs, actions, toOldBuild: false })
  }
  return { clubs, pushes }
}

function offer(
  client: Client,
  what: { id: string; name: string; input: unknown; ms: number; version?: number },
): OfferedAction {
  client.ordinal += 1
  client.lastMs = Math.max(client.lastMs, what.ms)
  return {
    id: what.id,
    name: what.name,
    version: what.version ?? 1,
    input: what.input as OfferedAction['input'],
    ordinal: client.ordinal,
    clock: encodeClock({ ms: what.ms, counter: client.ordinal % 65_536, clientId: client.clientId }),
    wasConfirmed: false,
  }
}

interface Moment {
  readonly roll: Dice
  readonly atMs: number
  readonly clubs: readonly string[]
  readonly id: string
}

function act(client: Client, { roll, atMs, clubs, id }: Moment): OfferedAction {
  const clubId = roll.one(clubs)
  const other = roll.one(clubs.filter((each) => each !== clubId))
  const userId = roll.one(people)
  const choices: readonly (readonly [weight: number, name: string, input: unknown])[] = [
    [14, 'counter.turn', { clubId, by: roll.below(50) }],
    [
      12,
      'money.move',
      { clubId, from: roll.one(['a', 'b', 'c']), to: roll.one(['a', 'b', 'c', 'x']), amount: roll.below(60) },
    ],
    [12, 'seat.take', { clubId, place: roll.below(3) }],
    [8, 'seat.leave', { clubId }],
    [5, 'seat.grab', { clubId, place: roll.below(4) }],
    [8, 'counter.copy', { from: clubId, to: other }],
    [8, 'thing.make', { clubId, label: `thing ${roll.below(9)}` }],
    [9, 'thing.carry', { from: clubId, to: other }],
    [4, 'thing.drop', { clubId }],
    [4, 'note.write', { body: roll.one(['turn', 'stay']) }],
    [5, 'counter.turnAsNoted', { clubId }],
    [2, 'notice.post', { body: 'news' }],
    [3, 'notice.count', { clubId }],
    [4, 'member.remove', { clubId, userId }],
    [5, 'member.add', { clubId, userId }],
    [3, 'club.look', { clubId }],
    [1, 'seat.polish', { clubId }],
    [1, 'seat.take', { clubId, place: 'none' }],
  ]
  const chances = choices.flatMap((choice) => Array.from({ length: choice[0] }, () => choice))
  const [, name, input] = roll.one(chances)
  // Mostly forward; sometimes the clock of the device was set back, rarely far ahead.
  const isAhead = roll.chance(1)
  const forward = Math.max(atMs + client.skewMs, client.lastMs)
  const ms = isAhead ? atMs + 60_000 : roll.chance(4) ? forward - 20_000 : forward
  const lastMs = client.lastMs
  const made = offer(client, { id, name, input, ms, version: roll.chance(1) ? 9 : 1 })
  if (isAhead) client.lastMs = lastMs
  return made
}

/** In one push, in two, in two of which the later overtakes the earlier, or twice. */
function inArrivalOrder(waiting: readonly OfferedAction[], roll: Dice): (readonly OfferedAction[])[] {
  const half = Math.ceil(waiting.length / 2)
  const [first, second] = [waiting.slice(0, half), waiting.slice(half)]
  if (second.length === 0 || roll.chance(60)) return roll.chance(10) ? [waiting, waiting] : [waiting]
  return roll.chance(50) ? [second, first] : [first, waiting]
}

function forged(action: OfferedAction, roll: Dice): OfferedAction {
  return roll.chance(50) ? { ...action, name: 'club.look' } : { ...action, ordinal: action.ordinal + 1_000 }
}

/** Sends a push to a server as it arrives; one that is ahead is sent again with clocks as of then, as a device would. */
export async function sendPush(authority: Authority, push: RandomPush): Promise<ExchangeAnswer[]> {
  authority.time.ms = push.atMs
  const client = createClient(authority, push.user, push.clientId)
  const answer = await client.exchange(push.actions)
  if (answer.kind !== 'ahead') return [answer]
  const now = push.atMs.toString(16).padStart(12, '0')
  const lowered = push.actions.map((action) => ({ ...action, clock: action.clock.replace(/^.{12}/, now) }))
  return [answer, await client.exchange(lowered)]
}
