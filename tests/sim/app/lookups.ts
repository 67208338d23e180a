/** Questions that several actions ask of the rows of a room. */
import { reject } from '@/lib/sync/action'
import type { Row, Rows } from './rows'

/** What an item is for. Only things are carried, taken and tidied away. */
export type ItemLabel = 'thing' | 'counter' | 'ledger' | 'slip' | 'notice' | 'echo' | 'survey'

/** Numbers of the simulation stay below this, whatever is multiplied how often. */
export const modulus = 1_000_003n

export function numberIn(row: Row, column: 'balance' | 'place' | 'value'): bigint {
  return BigInt(row[column] ?? '0')
}

export async function itemLabelled(rows: Rows, audience: string, label: ItemLabel): Promise<Row | null> {
  return (await rows.list('items', audience)).find((item) => item.label === label) ?? null
}

export async function counterOf(rows: Rows, room: string): Promise<Row> {
  return (await itemLabelled(rows, room, 'counter')) ?? reject('no-counter')
}

/** A thing in this audience and not in another one the action named. */
export async function thingIn(rows: Rows, audience: string, id: string): Promise<Row> {
  const thing = await rows.get('items', id)
  if (thing?.audience !== audience || thing.label !== 'thing') reject('no-thing')
  return thing
}

export async function setValue(rows: Rows, item: Row, value: bigint): Promise<void> {
  await rows.put('items', { ...item, value: String(value % modulus) })
}

export async function memberOf(rows: Rows, room: string, userId: string): Promise<Row | null> {
  return (await rows.list('members', room)).find((member) => member.user_id === userId) ?? null
}

export async function seatOf(rows: Rows, room: string, userId: string): Promise<Row | null> {
  return (await rows.list('seats', room)).find((seat) => seat.holder === userId) ?? null
}
