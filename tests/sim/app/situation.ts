/** What a person sees and how they choose among it. */
import type { Chance } from '../../support/busywork'
import { isLucky } from '../chance'
import type { Build } from './actions'
import type { Row } from './rows'

export interface View {
  readonly build: Build
  readonly userId: string
  /** Everybody else in the world, whether in a room of this person or not. */
  readonly otherUserIds: readonly string[]
  /** `room:<uuid>` of those the person holds, as far as the device knows. */
  readonly rooms: readonly string[]
  /** These and others the person once heard of. */
  readonly knownRooms: readonly string[]
  /** Rows the device has, by id; called for a few tables of a few audiences. */
  rows(table: string, audience: string): readonly Row[]
}

export interface Situation {
  readonly view: View
  readonly chance: Chance
  readonly room: string
  between(least: number, most: number): number
}

/** The input of an action, or null when there is nothing to do it with. */
export type Idea = (situation: Situation) => Readonly<Record<string, unknown>> | null

export function pick<Item>(chance: Chance, items: readonly Item[]): Item | undefined {
  return items[Math.floor(chance.next() * items.length)]
}

/** A well-formed key that no row has. */
export const nobodysKey = 'ffffffff-ffff-4fff-8fff-ffffffffffff'

/** Mostly a row of the room; sometimes one of another room, or none at all. Null when the room has none. */
export function rowKeyOf({ view, chance, room }: Situation, table: string): string | null {
  if (isLucky(chance, 0.02)) return nobodysKey
  const elsewhere = isLucky(chance, 0.03) ? pick(chance, view.rooms) : undefined
  return pick(chance, view.rows(table, elsewhere ?? room))?.id ?? null
}

/** A thing in this audience. */
export function thingKeyOf({ view, chance }: Situation, audience: string): string | null {
  if (isLucky(chance, 0.02)) return pick(chance, view.rows('items', audience))?.id ?? nobodysKey
  const things = view.rows('items', audience).filter((item) => item.label === 'thing')
  return pick(chance, things)?.id ?? null
}

/** Mostly another room than the one at hand. */
export function otherRoomOf({ view, chance, room }: Situation): string {
  const found = pick(chance, isLucky(chance, 0.03) ? view.knownRooms : view.rooms) ?? room
  return found === room ? (pick(chance, view.rooms) ?? room) : found
}

export function anybody({ view, chance }: Situation): string {
  return isLucky(chance, 0.1) ? view.userId : (pick(chance, view.otherUserIds) ?? view.userId)
}

/** Mostly one who is in the room. */
export function memberKeyOf(situation: Situation): string {
  const { view, chance, room } = situation
  const member = isLucky(chance, 0.9) ? pick(chance, view.rows('members', room)) : undefined
  return member?.user_id ?? anybody(situation)
}

const phrases = [
  'Mast',
  'Sail',
  '',
  'Keel "1"',
  "Jib's",
  'Boje für Ärger',
  '帆',
  '🦊 e\u0301',
  '\\ {a,NULL}',
  '  two  ',
]

export function phraseOf({ chance }: Situation): string {
  return pick(chance, phrases) ?? 'Mast'
}
