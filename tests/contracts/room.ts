/**
 * A room with something in it, as it was before a test: two members besides ann, three lists, a tree of cards, tags.
 *
 * ```
 *  room 1   lists 21 22 23 (places and ranks 1 2 3)
 *           21: card 31 ─ 32 ─ 33 (parents), tagged; 34 blocks 35        22: card 36
 *  room 2   list 41, card 42
 * ```
 */

import { quoteName } from '@/lib/sync/store/sql-text'
import { roomOf, uuid } from './act'
import { oddTable } from './fixture'
import { kindColumns, kindRows } from './kinds'

export const room = roomOf(1)
export const otherRoom = roomOf(2)

/** `cards(31)` and so on are ids in SQL quotes. */
export const q = (number: number) => `'${uuid(number)}'`

const members = [
  [11, 'ann', 'owner'],
  [12, 'ben', 'editor'],
  [13, 'cleo', 'viewer'],
].map(([id, user, role]) => `(${q(Number(id))}, ${q(1)}, '${user}', '${role}')`)

const cards = [
  [31, 21, 'null'],
  [32, 21, q(31)],
  [33, 21, q(32)],
  [34, 21, 'null'],
  [35, 21, 'null'],
  [36, 22, 'null'],
].map(([id, list, parent]) => `(${q(Number(id))}, ${q(1)}, ${q(Number(list))}, ${parent}, 'card ${id}', ${id})`)

export const roomSql = `
insert into rooms (id, name) values (${q(1)}, 'one'), (${q(2)}, 'two');
insert into members (id, room_id, user_id, role) values ${members.join(', ')}, (${q(14)}, ${q(2)}, 'ann', 'owner');
insert into lists (id, room_id, audience, name, place, rank, keeper_id) values
  (${q(21)}, ${q(1)}, '${room}', 'A', 1, 1, ${q(12)}),
  (${q(22)}, ${q(1)}, '${room}', 'B', 2, 2, null),
  (${q(23)}, ${q(1)}, '${room}', 'C', 3, 3, ${q(12)}),
  (${q(41)}, ${q(2)}, '${otherRoom}', 'A', 1, 1, null);
insert into cards (id, room_id, list_id, parent_id, title, points) values ${cards.join(', ')},
  (${q(42)}, ${q(2)}, ${q(41)}, null, 'card 42', 42);
update cards set blocker_id = ${q(34)} where id = ${q(35)};
insert into tags (card_id, room_id, label, weight) values
  (${q(31)}, ${q(1)}, 'red', 1), (${q(32)}, ${q(1)}, 'red', 2), (${q(33)}, ${q(1)}, 'blue', 3), (${q(42)}, ${q(2)}, 'red', 4);
insert into pins values (${q(71)}, '${room}', ${q(21)}), (${q(72)}, '${room}', ${q(22)});
insert into slots values (${q(51)}, '${room}', 1), (${q(52)}, '${room}', 2), (${q(53)}, '${otherRoom}', 1);
insert into counters values ('${room}', 'votes', 7), ('${otherRoom}', 'votes', 9);
insert into notes (id, user_id, body) values (${q(61)}, 'ann', 'private'), (${q(62)}, 'ben', 'also private');`

/** What a change of one row drags along when many hang on it: cards in trees and chains, tags, pins, a row of each value. */
export const crowdSql = `
insert into cards (id, room_id, list_id, parent_id, title, points)
  select ('00000000-0000-4000-9000-' || lpad((list * 100 + n)::text, 12, '0'))::uuid, ${q(1)},
    ('00000000-0000-4000-8000-' || lpad(to_hex(list), 12, '0'))::uuid,
    case when n <= 3 or list = 23 then null when n <= 7 then (case list when 21 then ${q(31)} else ${q(36)} end)::uuid
      else ('00000000-0000-4000-9000-' || lpad((list * 100 + n - 1)::text, 12, '0'))::uuid end,
    'card ' || list || ' ' || n, n
  from unnest(array[0x15, 0x16, 0x17]) list, generate_series(1, 60) n;
insert into tags (card_id, room_id, label, weight)
  select id, room_id, label, points from cards, unnest(array['blue', 'old']) label where points < 13;
insert into pins select ('00000000-0000-4000-b000-' || lpad((row_number() over (order by id, n))::text, 12, '0'))::uuid, audience, id
  from lists, generate_series(1, 3) n;
insert into counters select audience, 'counter ' || n, n from rooms, generate_series(1, 4) n;
insert into kinds (id, audience, ${kindColumns.map(({ column }) => column).join(', ')}) values
  ${kindRows.map((row, index) => `(${q(0x81 + index)}, '${index % 3 ? room : otherRoom}', ${row.join(', ')})`).join(',\n  ')};
insert into ${quoteName(oddTable)} ("Kéy One", audience, "key 2", "a b") select 'odd ' || n % 2, audience, n, 'é'
  from rooms, generate_series(1, 5) n;
insert into wide (id, audience, column_0, column_119) values (${q(0x91)}, '${room}', 'first', 'last'), (${q(0x92)}, '${room}', null, '')`
