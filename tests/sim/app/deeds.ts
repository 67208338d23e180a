/**
 * What a person of the simulation does next: mostly something sensible, sometimes something stale, mistaken or against
 * the rules. Every input is well-formed; whether the rules agree is another matter.
 */
import type { Chance } from '../../support/busywork'
import { between, isLucky } from '../chance'
import type { Build } from './actions'
import { itemDeeds } from './item-deeds'
import { peopleDeeds } from './people-deeds'
import { type Idea, pick, type Situation, type View } from './situation'

export interface Deed {
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
}

const ideas: Readonly<Record<string, Idea>> = { ...peopleDeeds, ...itemDeeds }

/** How often each is thought of, in a room. */
const weights: Readonly<Record<string, number>> = {
  'room.found': 1,
  'member.add': 6,
  'member.remove': 4,
  'member.role': 3,
  'room.leave': 2,
  'room.survey': 3,
  'money.transfer': 12,
  'money.pocket': 3,
  'seat.claim': 8,
  'seat.claimOnce': 4,
  'seat.force': 2,
  'seat.leave': 4,
  'seat.swap': 5,
  'folder.make': 3,
  'note.write': 8,
  'note.move': 4,
  'folder.remove': 2,
  'folder.split': 2,
  'counter.add': 8,
  'counter.multiply': 6,
  'item.make': 5,
  'item.move': 6,
  'item.take': 6,
  'item.tidy': 2,
  'slip.write': 3,
  'slip.decide': 4,
  'notice.post': 2,
  'notice.echo': 2,
  'nothing.happens': 2,
  'thrower.sometimes': 3,
  'writes.undeclared': 2,
  'writes.elsewhere': 1,
  'key.forge': 1,
}

const namesOf = (build: Build): readonly string[] =>
  Object.entries({ ...weights, ...(build === 'build-1' ? { 'legacy.bump': 4 } : {}) }).flatMap(([name, weight]) =>
    Array.from({ length: weight }, () => name),
  )
const namesByBuild: Readonly<Record<Build, readonly string[]>> = {
  'build-1': namesOf('build-1'),
  'build-2': namesOf('build-2'),
}

/** In a room that is no longer held, or never was, nothing can be seen; an action may name it all the same. */
const strayRoomProbability = 0.05
/** Thoughts that come to nothing in this room, before the person gives up. */
const attemptsMax = 6

/**
 * A function of the view and of the numbers drawn, which differ in count from deed to deed. Cost: a walk over the rows
 * of a room for the deeds that need one, and nothing else.
 */
export function chooseDeed(view: View, chance: Chance): Deed {
  const isStray = isLucky(chance, strayRoomProbability)
  const room = (isStray ? pick(chance, view.knownRooms) : pick(chance, view.rooms)) ?? view.rooms[0]
  const situation: Situation = {
    view,
    chance,
    room: room ?? '',
    between: (least, most) => between(chance, least, most),
  }
  if (room === undefined) return thoughtOf(isLucky(chance, 0.6) ? 'room.found' : 'slip.write', situation)
  // Few rooms, so that people meet in them.
  if (isLucky(chance, 1 / (10 + 20 * view.rooms.length ** 2))) return thoughtOf('room.found', situation)
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const name = pick(chance, namesByBuild[view.build]) ?? 'nothing.happens'
    const input = ideas[name]?.(situation)
    if (input) return { name, input }
  }
  return { name: 'nothing.happens', input: { room } }
}

/** For what can be done anywhere. */
function thoughtOf(name: 'room.found' | 'slip.write', situation: Situation): Deed {
  return { name, input: ideas[name]?.(situation) ?? {} }
}
