/**
 * What the business rules promise at every moment, on every device and on the server: after each action, each preview,
 * each correction. All but the last are rules of one audience, so that they hold wherever all rows of it are.
 */
import { placesMax } from './seat-actions'

export interface RuledRow {
  readonly table: string
  readonly image: Readonly<Record<string, string | null>>
}

type Image = RuledRow['image']

interface AudienceRows {
  readonly accounts: Image[]
  readonly folders: Image[]
  readonly items: Image[]
  readonly members: Image[]
  readonly notes: Image[]
  readonly seats: Image[]
}

/** One sentence per broken rule and audience; empty when all is well. One walk over the rows. */
export function brokenRules(rows: Iterable<RuledRow>): string[] {
  const byAudience = new Map<string, AudienceRows>()
  const broken: string[] = []
  for (const { table, image } of rows) {
    const audience = image.audience ?? ''
    const own = byAudience.get(audience) ?? noRows()
    byAudience.set(audience, own)
    if (!(table in own)) throw new TypeError(`No rule knows the table ${table}`)
    own[table as keyof AudienceRows].push(image)
  }
  for (const [audience, own] of byAudience) {
    const sentences = [...moneyRules(own), ...seatRules(own), ...memberRules(own), ...noteRules(own)]
    broken.push(...sentences.map((sentence) => `${audience}: ${sentence}`))
  }
  return broken
}

/**
 * The rule of the whole world, for the server, where all rows are: what is in all accounts and purses is what the rooms
 * were founded with.
 */
export function brokenWorldRules(rows: Iterable<RuledRow>, totalOfRoom: bigint): string[] {
  const foundedRooms = new Set<string>()
  let total = 0n
  for (const { table, image } of rows) {
    const audience = image.audience ?? ''
    if (table === 'accounts') total += numberOf(image.balance)
    if (table === 'items' && image.label === 'ledger' && audience.startsWith('room:')) foundedRooms.add(audience)
  }
  const expected = totalOfRoom * BigInt(foundedRooms.size)
  return total === expected ? [] : [`All money together is ${total}, and ${expected} was given out`]
}

const noRows = (): AudienceRows => ({ accounts: [], folders: [], items: [], members: [], notes: [], seats: [] })

const numberOf = (text: string | null | undefined): bigint => BigInt(text ?? '0')

function moneyRules({ accounts, items }: AudienceRows): string[] {
  const broken: string[] = []
  let balances = 0n
  for (const { id, balance } of accounts) {
    if (numberOf(balance) < 0n) broken.push(`account ${id} has ${balance}`)
    balances += numberOf(balance)
  }
  const ledgers = items.filter((item) => item.label === 'ledger')
  const expected = ledgers.reduce((sum, ledger) => sum + numberOf(ledger.value), 0n)
  if (ledgers.length > 1) broken.push(`${ledgers.length} ledgers`)
  if (balances !== expected) broken.push(`the balances come to ${balances}, the ledger says ${expected}`)
  return broken
}

function seatRules({ seats, members }: AudienceRows): string[] {
  if (seats.length === 0) return []
  const broken = [...repeated(seats, 'place', 'two people sit on place'), ...repeated(seats, 'holder', 'two seats for')]
  if (seats.length > placesMax) broken.push(`${seats.length} seats are taken of ${placesMax}`)
  const editors = new Set(members.filter((member) => member.role !== 'viewer').map((member) => member.user_id))
  for (const { place, holder } of seats) {
    if (numberOf(place) < 1n || numberOf(place) > placesMax) broken.push(`there is no place ${place}`)
    if (!editors.has(holder ?? null)) broken.push(`${holder} has a seat and is no member who may`)
  }
  return broken
}

function memberRules({ members }: AudienceRows): string[] {
  if (members.length === 0) return []
  const broken = repeated(members, 'user_id', 'twice a member:')
  if (!members.some((member) => member.role === 'owner')) broken.push('nobody owns the room')
  return broken
}

function noteRules({ notes, folders }: AudienceRows): string[] {
  if (notes.length === 0) return []
  const folderIds = new Set(folders.map((folder) => folder.id))
  return notes.filter((note) => !folderIds.has(note.folder_id ?? null)).map((note) => `note ${note.id} has no folder`)
}

function repeated(images: readonly Image[], column: string, sentence: string): string[] {
  const seen = new Set<string | null | undefined>()
  const broken: string[] = []
  for (const { [column]: value } of images) {
    if (seen.has(value)) broken.push(`${sentence} ${value}`)
    seen.add(value)
  }
  return broken
}
