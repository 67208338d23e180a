/** Random statements on the room of `room.ts`: what a business rule might do, and what constraints will refuse. */
import fc from 'fast-check'
import { uuid } from './act'
import { otherRoom, q, room } from './room'

export interface Change {
  readonly kind: keyof typeof makers
  readonly a: number
  readonly b: number
  readonly n: number
}

const pick = (items: readonly string[], index: number) => items[index % items.length] ?? 'null'
const lists = [21, 22, 23, 41].map(q)
const cards = [31, 32, 33, 34, 35, 36, 42].map(q)
const members = [11, 12, 13, 14].map(q)
const slots = [51, 52, 53].map(q)
const audiences = [`'${room}'`, `'${otherRoom}'`]
const names = [`'A'`, `'a'`, `'B'`, `'c'`, `'D'`]
const labels = [`'red'`, `'blue'`, `'green'`]

/** Keys of ids that a change may insert; the action takes each of them from `id()` first. */
export const freshKeys = ['first', 'second']

type Fresh = (index: number) => string

const makers = {
  deleteCard: ({ a }) => [`delete from cards where id = ${pick(cards, a)}`],
  deleteList: ({ a }) => [`delete from lists where id = ${pick(lists, a)}`],
  deleteMember: ({ a }) => [`delete from members where id = ${pick(members, a + 1)}`],
  deleteRoom: () => [`delete from rooms where id = ${q(2)}`],
  adopt: ({ a, b }) => [`update cards set parent_id = ${pick([...cards, 'null'], b)} where id = ${pick(cards, a)}`],
  block: ({ a, b }) => [`update cards set blocker_id = ${pick([...cards, 'null'], b)} where id = ${pick(cards, a)}`],
  carry: ({ a, b }) => [`update cards set list_id = ${pick(lists, b)} where id = ${pick(cards, a)}`],
  carryAll: ({ a, b }) => [`update cards set list_id = ${pick(lists, b)} where list_id = ${pick(lists, a)}`],
  carryAway: ({ a }) => [
    `delete from tags where card_id = ${pick(cards, a)}`,
    `update cards set room_id = ${q(2)}, list_id = ${q(41)}, parent_id = null, blocker_id = null where id = ${pick(cards, a)}`,
  ],
  score: ({ a, n }) => [
    `update cards set points = points + ${n} where id in (${pick(cards, a)}, ${pick(cards, a + 1)})`,
  ],
  place: ({ a, n }) => [`update lists set place = ${n} where id = ${pick(lists, a)}`],
  swapPlaces: ({ a, b }) => [
    `update lists set place = -1 where id = ${pick(lists, a)}`,
    `update lists set place = (select 6 - sum(place)::int - 1 from lists other where other.room_id = lists.room_id) where id = ${pick(lists, b)}`,
  ],
  swapRanks: ({ a, b }) => [
    `update lists set rank = 1 + (rank + ${a}) % 3 where room_id = ${q(1)}`,
    `update lists set rank = null where id = ${pick(lists, b)}`,
  ],
  name: ({ a, b }) => [`update lists set name = ${pick(names, b)} where id = ${pick(lists, a)}`],
  close: ({ a }) => [`update lists set is_open = not is_open where id = ${pick(lists, a)}`],
  exchangeNames: ({ a, b }) => [
    `update lists set is_open = false where id = ${pick(lists, a)}`,
    `update lists set name = ${pick(names, a)} where id = ${pick(lists, b)}`,
  ],
  keep: ({ a, b }) => [`update lists set keeper_id = ${pick([...members, 'null'], b)} where id = ${pick(lists, a)}`],
  insertCard: ({ a, n }, fresh) => [
    `insert into cards (id, room_id, list_id, title, points) values (${fresh(a)}, ${q(1)}, ${pick(lists, n)}, 'new', ${n})`,
  ],
  insertList: ({ a, n }, fresh) => [
    `insert into lists (id, room_id, audience, name, place) values (${fresh(a)}, ${q(1)}, '${room}', ${pick(names, n)}, ${n})`,
  ],
  renewCard: ({ a, n }) => [
    `with gone as (delete from cards where id = ${pick(cards, a)} returning *)
     update counters set total = total + (select count(*) from gone)`,
    `insert into cards (id, room_id, list_id, title) values (${pick(cards, a)}, ${q(1)}, ${pick(lists, n)}, 'renewed')`,
  ],
  renewList: ({ a, n }) => [
    `delete from lists where id = ${pick(lists, a)}`,
    `insert into lists (id, room_id, audience, name, place) values (${pick(lists, a)}, ${q(1)}, '${room}', ${pick(names, n)}, ${n})`,
  ],
  tag: ({ a, b, n }) => [
    `insert into tags (card_id, room_id, label, weight) values (${pick(cards, a)}, ${q(1)}, ${pick(labels, b)}, ${n})`,
  ],
  retag: ({ a, b }) => [`update tags set label = ${pick(labels, b)} where label = ${pick(labels, a)}`],
  untag: ({ b }) => [`delete from tags where label = ${pick(labels, b)}`],
  swapSlots: ({ a, b, n }) => [
    `update slots set place = null where id = ${pick(slots, a)}`,
    `update slots set place = ${n % 3} where id = ${pick(slots, b)}`,
  ],
  moveSlot: ({ a, b, n }) => [
    `update slots set audience = ${pick(audiences, b)}, place = ${n} where id = ${pick(slots, a)}`,
  ],
  renewSlot: ({ a, b }) => [
    `delete from slots where id = ${pick(slots, a)}`,
    `insert into slots values (${pick(slots, a)}, ${pick(audiences, b)}, null)`,
  ],
  count: ({ a, n }) => [`update counters set total = total + ${n} - 3 where audience = ${pick(audiences, a)}`],
  renameCounter: ({ a, n }) => [`update counters set name = 'name ${n % 3}' where audience = ${pick(audiences, a)}`],
  nothing: () => ['update cards set title = title'],
} satisfies Record<string, (change: Numbers, fresh: Fresh) => readonly string[]>

type Numbers = Pick<Change, 'a' | 'b' | 'n'>

export function changeStatements(change: Change, ids: readonly string[]): readonly string[] {
  const fresh = (index: number) => `'${ids[index % ids.length] ?? uuid(0)}'`
  return makers[change.kind](change, fresh)
}

const small = fc.nat({ max: 6 })
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom(...(Object.keys(makers) as Change['kind'][])),
  a: small,
  b: small,
  n: small,
})

/** Actions of one to three changes each. */
export const actionsOfChanges = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 6,
})
