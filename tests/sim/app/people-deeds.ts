/** What people do with each other: rooms, members, money and seats. */
import { isLucky } from '../chance'
import { placesMax } from './seat-actions'
import { anybody, type Idea, memberKeyOf, otherRoomOf, phraseOf, pick, rowKeyOf, type Situation } from './situation'

const roles = ['owner', 'owner', 'editor', 'editor', 'editor', 'viewer'] as const

const roleOf = ({ chance }: Situation) => pick(chance, roles) ?? 'editor'

function guestsOf(situation: Situation) {
  const { view, chance } = situation
  const guests = view.otherUserIds.filter(() => isLucky(chance, 0.5)).slice(0, 4)
  return guests.map((userId) => ({ userId, role: roleOf(situation) }))
}

/** Who does not own the room knows, and rarely acts as if. */
const asOwner =
  (idea: Idea): Idea =>
  (situation) => {
    const { view, chance, room } = situation
    const isOwner = view.rows('members', room).some((row) => row.user_id === view.userId && row.role === 'owner')
    return isOwner || isLucky(chance, 0.15) ? idea(situation) : null
  }

/** One who is not in the room yet, when there is one. */
function newcomerOf(situation: Situation): string {
  const { view, chance, room } = situation
  const members = view.rows('members', room).map((member) => member.user_id)
  const strangers = view.otherUserIds.filter((userId) => !members.includes(userId))
  return (isLucky(chance, 0.9) ? pick(chance, strangers) : undefined) ?? anybody(situation)
}

function accountOf(situation: Situation) {
  const accountId = rowKeyOf(situation, 'accounts')
  return accountId === null ? null : { room: situation.room, accountId }
}

/** Sometimes more than anybody has. */
const amountOf = ({ chance, between }: Situation) => (isLucky(chance, 0.1) ? 1_000 : between(1, 80))

const transfer: Idea = (situation) => {
  const from = accountOf(situation)
  const isFar = isLucky(situation.chance, 0.5)
  const to = accountOf(isFar ? { ...situation, room: otherRoomOf(situation) } : situation)
  if (!from || !to || (from.accountId === to.accountId && !isLucky(situation.chance, 0.1))) return null
  return { from, to, amount: amountOf(situation) }
}

const pocket: Idea = (situation) => {
  const from = accountOf(situation)
  return from && { from, amount: amountOf(situation) }
}

const isSeated = ({ view, room }: Situation) => view.rows('seats', room).some((seat) => seat.holder === view.userId)

/** Who has a seat knows, and rarely asks for another one. */
const claim: Idea = (situation) => {
  const { chance, room, between } = situation
  if (isSeated(situation) && !isLucky(chance, 0.15)) return null
  return { room, place: isLucky(chance, 0.4) ? null : between(1, placesMax) }
}

const force: Idea = (situation) =>
  isSeated(situation) ? null : { room: situation.room, place: situation.between(1, placesMax) }

const leaveSeat: Idea = (situation) =>
  isSeated(situation) || isLucky(situation.chance, 0.1) ? { room: situation.room } : null

const swap: Idea = (situation) => {
  const { view, chance, room } = situation
  if (!isSeated(situation) && !isLucky(chance, 0.1)) return null
  const seats = view.rows('seats', room).filter((seat) => seat.holder !== view.userId)
  const by = pick(chance, ['rows', 'rows', 'values', 'values', 'collision'])
  return { room, userId: pick(chance, seats)?.holder ?? anybody(situation), by }
}

const survey: Idea = (situation) => {
  const { view, chance, room } = situation
  const reads = view.rooms.filter(() => isLucky(chance, 0.6)).slice(0, 5)
  return { room, reads: isLucky(chance, 0.05) || reads.length === 0 ? [otherRoomOf(situation)] : reads }
}

export const peopleDeeds: Readonly<Record<string, Idea>> = {
  'room.found': (situation) => ({ title: phraseOf(situation), guests: guestsOf(situation) }),
  'member.add': asOwner((situation) => ({
    room: situation.room,
    userId: newcomerOf(situation),
    role: roleOf(situation),
  })),
  'member.remove': asOwner((situation) => ({ room: situation.room, userId: memberKeyOf(situation) })),
  'member.role': asOwner((situation) => ({
    room: situation.room,
    userId: memberKeyOf(situation),
    role: roleOf(situation),
  })),
  'room.leave': ({ room }) => ({ room }),
  'room.survey': survey,
  'money.transfer': transfer,
  'money.pocket': pocket,
  'seat.claim': claim,
  'seat.claimOnce': claim,
  'seat.force': force,
  'seat.leave': leaveSeat,
  'seat.swap': swap,
}
