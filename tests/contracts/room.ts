/**
 * A room with something in it, as it was before a test: two members besides ann, three lists, a tree of cards, tags.
 *
 * ```
 *  room 1   lists 21 22 23 (places and ranks 1 2 3)
 *           21: card 31 ─ 32 ─ 33 (parents), tagged; 34 blocks 35        22: card 36
 *  room 2   list 41, card 42
 * ```
 */
import { roomOf, uuid } from './act'

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
insert into slots values (${q(51)}, '${room}', 1), (${q(52)}, '${room}', 2), (${q(53)}, '${otherRoom}', 1);
insert into counters values ('${room}', 'votes', 7), ('${otherRoom}', 'votes', 9);
insert into notes (id, user_id, body) values (${q(61)}, 'ann', 'private'), (${q(62)}, 'ben', 'also private');`
