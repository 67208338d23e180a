/** Random statements on the room of `room.ts`: what a business rule might do, and what constraints will refuse. */
import fc from 'fast-check'
import { quoteName } from '@/lib/sync/store/sql-text'
import { uuid } from './act'
import { oddTable } from './fixture'
import { kindColumns, kindRows } from './kinds'
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
const names = [`'A'`, `'a'`, `'B'`, `'c'`, `'D'`, `'E'`, `'F'`]
const labels = [`'red'`, `'blue'`, `'green'`, `'old'`]
const kinds = kindRows.map((_, index) => q(0x81 + index))
const odd = quoteName(oddTable)

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
  tradePlaces: ({ a, b }) => [
    `update lists set place = place + 100 where id in (${pick(lists, a)}, ${pick(lists, b)})`,
    `update lists l set place = o.place - 100 from lists o where ${trading(lists, a, b)}`,
  ],
  tradeRanks: ({ a, b }) => [`update lists l set rank = o.rank from lists o where ${trading(lists, a, b)}`],
  tradeSlots: ({ a, b }) => [
    `update slots set place = place + 100 where id in (${pick(slots, a)}, ${pick(slots, b)})`,
    `update slots l set place = o.place - 100, audience = o.audience from slots o where ${trading(slots, a, b)}`,
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
    `insert into lists (id, room_id, audience, name, place) values (${fresh(a)}, ${q(1)}, '${room}', ${pick(names, n)}, ${n + 5})`,
  ],
  renewCard: ({ a, n }) => [
    `with gone as (delete from cards where id = ${pick(cards, a)} returning *)
     update counters set total = total + (select count(*) from gone)`,
    `insert into cards (id, room_id, list_id, title) values (${pick(cards, a)}, ${q(1)}, ${pick(lists, n)}, 'renewed')`,
  ],
  renewList: ({ a, n }) => [
    `delete from lists where id = ${pick(lists, a)}`,
    `insert into lists (id, room_id, audience, name, place) values (${pick(lists, a)}, ${q(1)}, '${room}', ${pick(names, n)}, ${n + 5})`,
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
  renameCounter: ({ a, n }) => [
    `update counters set name = 'name ${n % 3}' where audience = ${pick(audiences, a)} and name in ('votes', 'name 0', 'name 1')`,
  ],
  adoptAll: ({ a, b }) => [
    `update cards set parent_id = ${pick([...cards, 'null'], b)} where list_id = ${pick(lists, a)} and points < 8`,
  ],
  scoreAll: ({ a, n }) => [`update cards set points = (points + ${n}) % 1000 where list_id = ${pick(lists, a)}`],
  weighAll: ({ b, n }) => [`update tags set weight = nullif(weight + ${n} - 3, 0) where label = ${pick(labels, b)}`],
  swapLabels: ({ a, b }) => [
    `update tags set label = 'aside' where label = ${pick(labels, a)}`,
    `update tags set label = ${pick(labels, a)} where label = ${pick(labels, b)}`,
    `update tags set label = ${pick(labels, b)} where label = 'aside'`,
  ],
  turnLabels: ({ n }) => [`update tags set label = label || ${n}`],
  renewTags: ({ a, n }) => [
    `with gone as (delete from tags where card_id = ${pick(cards, a)} returning *), many as (select count(*) as n from gone)
     update counters set total = total + many.n from many where audience = '${room}'`,
    `insert into tags (card_id, room_id, label, weight) values (${pick(cards, a)}, ${q(1)}, 'red', ${n}), (${pick(cards, a)}, ${q(1)}, 'old', null)`,
  ],
  rekeyCard: ({ a }, fresh) => {
    const [old, id] = [pick(cards, a), fresh(a)]
    return [
      ...['parent_id', 'blocker_id'].map((column) => `update cards set ${column} = ${id} where ${column} = ${old}`),
      `update tags set card_id = ${id} where card_id = ${old}`,
      `update cards set id = ${id} where id = ${old}`,
    ]
  },
  rekeyList: ({ a }, fresh) => [
    `update cards set list_id = ${fresh(a)} where list_id = ${pick(lists, a)}`,
    `update lists set id = ${fresh(a)} where id = ${pick(lists, a)}`,
  ],
  pin: ({ a }, fresh) => [`insert into pins values (${fresh(a)}, '${room}', ${pick(lists, a)})`],
  repin: ({ a, b }) => [`update pins set list_id = ${pick(lists, b)} where list_id = ${pick(lists, a)}`],
  addKind: ({ a, n }, fresh) => [
    `insert into kinds (id, audience, ${kindNames}) values (${fresh(a)}, ${pick(audiences, n)}, ${(kindRows[n % kindRows.length] ?? []).join(', ')})`,
  ],
  mixKind: ({ a, b, n }) => {
    const mixed = kindColumns.filter((_, index) => index % 7 === n)
    const values = mixed.map(({ column, values }) => `${column} = ${values[b % values.length] ?? 'null'}`)
    return [`update kinds set ${values.join(', ')} where id = ${pick(kinds, a)}`]
  },
  blankKinds: ({ a, n }) => {
    const blank = kindColumns.filter((_, index) => index % 7 === n).map(({ column }) => `${column} = null`)
    return [`update kinds set ${blank.join(', ')} where audience = ${pick(audiences, a)}`]
  },
  spellKinds: ({ n }) => [`update kinds set c_text = c_text || 'É${n}', c_numeric = c_numeric * ${n} + 0.10`],
  swapKinds: ({ a, b }) => [
    `update kinds k set c_text = o.c_text, c_jsonb = o.c_jsonb, c_texts = o.c_texts, audience = o.audience from kinds o
     where (k.id, o.id) in ((${pick(kinds, a)}, ${pick(kinds, b)}), (${pick(kinds, b)}, ${pick(kinds, a)}))`,
  ],
  dropKind: ({ a }) => [`delete from kinds where id = ${pick(kinds, a)}`],
  shiftOdd: ({ n }) => [`update ${odd} set "key 2" = "key 2" + ${n * 10}`],
  spellOdd: ({ a, n }) => [
    `update ${odd} set "it's" = 'it''s ${n}', "$1" = "a b", "select" = null where "key 2" = ${a}`,
  ],
  addOdd: ({ a, n }) => [`insert into ${odd} ("Kéy One", audience, "key 2") values ('odd ${a}', '${room}', ${n})`],
  carryOdd: ({ a }) => [`update ${odd} set audience = ${pick(audiences, a)} where "key 2" = ${a}`],
  widen: ({ a, n }) => [
    `update wide set column_${n} = 'w${a}', column_${n + 60} = column_0, column_119 = column_${a} where id = ${q(0x91 + (a % 2))}`,
  ],
  renewWide: ({ a, n }) => [
    `delete from wide where id = ${q(0x91)}`,
    `insert into wide (id, audience, column_${n}) values (${q(0x91)}, ${pick(audiences, a)}, 'again')`,
  ],
  noteAll: ({ n }) => [`update notes set body = body || ${n}`],
  nothing: () => ['update cards set title = title'],
} satisfies Record<string, (change: Numbers, fresh: Fresh) => readonly string[]>

const trading = (ids: readonly string[], a: number, b: number) =>
  `(l.id, o.id) in ((${pick(ids, a)}, ${pick(ids, b)}), (${pick(ids, b)}, ${pick(ids, a)}))`
const kindNames = kindColumns.map(({ column }) => column).join(', ')

type Numbers = Pick<Change, 'a' | 'b' | 'n'>

export function changeStatements(change: Change, ids: readonly string[]): readonly string[] {
  const fresh = (index: number) => `'${ids[index % ids.length] ?? uuid(0)}'`
  return makers[change.kind](change, fresh)
}

export const changeKinds = Object.keys(makers) as Change['kind'][]

/** Those that touch many rows come more often, because a campaign counts rows, and two that would be rare beside them. */
const bulkKinds: readonly Change['kind'][] = [
  ...(['turnLabels', 'swapLabels', 'weighAll', 'scoreAll', 'retag', 'carryAll', 'adoptAll', 'deleteList'] as const),
  ...(['deleteCard', 'deleteMember', 'rekeyList', 'tradePlaces'] as const),
]

const small = fc.nat({ max: 6 })
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom(...changeKinds, ...Array.from({ length: 4 }, () => bulkKinds).flat()),
  a: small,
  b: small,
  n: small,
})

/** Actions of one to three changes each. `size` keeps fast-check from preferring short lists, which cost more per change. */
export const actionsOfChanges = fc.array(fc.array(change, { minLength: 1, maxLength: 3, size: 'max' }), {
  minLength: 1,
  maxLength: 40,
  size: 'max',
})
