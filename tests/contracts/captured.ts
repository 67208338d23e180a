/** Rows of the simulated application, as images, and a way to put them there without an action. */
import type { ServerTransaction } from '@/lib/sync/store/server/transaction'
import type { RowTarget } from '@/lib/sync/store/set-rows'
import type { Row } from '../sim/app/rows'
import { uuid } from './act'
import { room } from './records'

export interface SetRow extends RowTarget {
  readonly image: Row
}

type But = Record<string, string | null>

function rowIn(table: string, number: number, columns: Record<string, string | null>): SetRow {
  const image = { id: uuid(number), audience: room, ...columns } as Row
  return { table, key: JSON.stringify([image.id]), image }
}

export const member = (number: number, userId: string, but: But = {}) =>
  rowIn('members', number, { user_id: userId, role: 'owner', ...but })
export const folder = (number: number, but: But = {}) => rowIn('folders', number, { title: 'Ä "1" \\', ...but })
export const note = (number: number, folderNumber: number, but: But = {}) =>
  rowIn('notes', number, { folder_id: uuid(folderNumber), body: '', ...but })
export const item = (number: number, but: But = {}) =>
  rowIn('items', number, { label: 'thing', value: '1', holder: null, ...but })
export const seat = (number: number, place: number, but: But & { holder: string }) =>
  rowIn('seats', number, { place: String(place), ...but })

export const gone = ({ table, key }: RowTarget): RowTarget => ({ table, key, image: null })

/** As the engine sets rows: constraints are settled before anything else happens. */
export async function setTo(tx: ServerTransaction, ...targets: readonly RowTarget[]): Promise<void> {
  await tx.rows.enterEngine()
  await tx.rows.setRows(targets)
  await tx.rows.settleConstraints()
}
