/** What people do with things: notes, counters, items, slips, notices, and what nobody should do. */
import { isLucky } from '../chance'
import { type Idea, nobodysKey, otherRoomOf, phraseOf, pick, rowKeyOf, type Situation, thingKeyOf } from './situation'

const inRoom: Idea = ({ room }) => ({ room })

const inFolder =
  (rest: (situation: Situation) => Record<string, unknown> | null): Idea =>
  (situation) => {
    const folderId = rowKeyOf(situation, 'folders')
    const more = rest(situation)
    return folderId && more ? { room: situation.room, folderId, ...more } : null
  }

/** Into a folder it is not in yet, as far as one can see. */
const moveNote: Idea = (situation) => {
  const { view, chance, room } = situation
  const [folderId, noteId] = [rowKeyOf(situation, 'folders'), rowKeyOf(situation, 'notes')]
  if (folderId === null || noteId === null) return null
  const isThere = view.rows('notes', room).some((note) => note.id === noteId && note.folder_id === folderId)
  return isThere && !isLucky(chance, 0.1) ? null : { room, folderId, noteId }
}

/** Mostly when the slip says yes, as far as one can see. */
const decide: Idea = ({ view, chance, room }) => {
  const slip = view.rows('items', `user:${view.userId}`).find((item) => item.label === 'slip')
  return Number(slip?.value) % 2 === 1 || isLucky(chance, 0.2) ? { room } : null
}

/** Some do not look first whether the folder is there. */
const writeNote = inFolder((situation) => ({ body: phraseOf(situation), looksFirst: isLucky(situation.chance, 0.7) }))

const add: Idea = ({ view, room, chance, between }) => ({
  room,
  by: between(-20, 99),
  ...(view.build === 'build-2' ? { times: isLucky(chance, 0.5) ? 1 : between(2, 9) } : {}),
})

const make: Idea = ({ room, between }) => ({
  room,
  values: Array.from({ length: between(1, 3) }, () => between(0, 999)),
})

/** Between rooms mostly, to and from one's private audience sometimes. */
const move: Idea = (situation) => {
  const { view, chance, room } = situation
  const isMine = isLucky(chance, 0.2)
  const other = isMine ? 'mine' : otherRoomOf(situation)
  const isOutwards = isMine ? isLucky(chance, 0.5) : true
  const itemId = thingKeyOf(situation, isOutwards ? room : `user:${view.userId}`)
  if (itemId === null) return null
  return isOutwards ? { itemId, from: room, to: other } : { itemId, from: other, to: room }
}

const take: Idea = (situation) => {
  const itemId = thingKeyOf(situation, situation.room)
  return itemId === null ? null : { room: situation.room, itemId }
}

/** The key of a row elsewhere, seen or not, or of none. */
const forge: Idea = (situation) => {
  const elsewhere = otherRoomOf(situation)
  const key = pick(situation.chance, situation.view.rows('items', elsewhere))?.id ?? nobodysKey
  return { room: situation.room, key, takesBack: isLucky(situation.chance, 0.3) }
}

export const itemDeeds: Readonly<Record<string, Idea>> = {
  'folder.make': (situation) => ({ room: situation.room, title: phraseOf(situation) }),
  'note.write': writeNote,
  'note.move': moveNote,
  'folder.remove': inFolder(() => ({})),
  'folder.split': inFolder(() => ({})),
  'counter.add': add,
  'counter.multiply': ({ room, between }) => ({ room, by: between(2, 7) }),
  'legacy.bump': inRoom,
  'item.make': make,
  'item.move': move,
  'item.take': take,
  'item.tidy': inRoom,
  'slip.write': ({ chance, between }) => ({ value: between(0, 99), isFreshSheet: isLucky(chance, 0.4) }),
  'slip.decide': decide,
  'notice.post': (situation) => ({ text: phraseOf(situation) }),
  'notice.echo': inRoom,
  'nothing.happens': inRoom,
  'thrower.sometimes': ({ room, between }) => ({ room, by: between(0, 99) }),
  'writes.undeclared': ({ room, chance }) => ({
    room,
    way: pick(chance, ['insert', 'update', 'delete', 'carry-off']),
  }),
  'writes.elsewhere': inRoom,
  'key.forge': forge,
}
