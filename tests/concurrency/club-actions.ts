/** The actions of the clubs: each is a rule small enough to see at a glance what replay must make of it. */
import { and, asc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type ActionDb, type AnyAction, defineAction, reject } from '@/lib/sync/action'
import { accounts, clubs, counters, members, notes, notices, parts, seats, things } from './club'
import { listActions } from './list-actions'

const clubId = z.uuid()
const club = (id: string) => `club:${id}`

export const foundClub = defineAction({
  name: 'club.found',
  version: 1,
  input: z.strictObject({ name: z.string() }),
  audiences: (_, { id }) => [club(id('club'))],
  async run({ db, input, id, user }) {
    const made = id('club')
    const audience = club(made)
    await db.insert(clubs).values({ id: made, name: input.name })
    await db.insert(members).values({ id: id(), clubId: made, userId: user.id, role: 'owner' })
    await db.insert(accounts).values(['a', 'b', 'c'].map((name) => ({ id: id(), audience, name, balance: 100 })))
    await db.insert(counters).values({ audience, name: 'visits', total: 0 })
    return { clubId: made }
  },
})

const memberInput = z.strictObject({ clubId, userId: z.string() })

export const addMember = defineAction({
  name: 'member.add',
  version: 1,
  input: memberInput,
  audiences: (input) => [club(input.clubId)],
  async run({ db, input, id }) {
    const audience = club(input.clubId)
    const found = await db
      .select()
      .from(members)
      .where(and(eq(members.audience, audience), eq(members.userId, input.userId)))
    if (found.length > 0) reject('already-member')
    await db.insert(members).values({ id: id(), clubId: input.clubId, userId: input.userId, role: 'player' })
  },
})

export const removeMember = defineAction({
  name: 'member.remove',
  version: 1,
  input: memberInput,
  audiences: (input) => [club(input.clubId)],
  async run({ db, input }) {
    const isTheirs = and(eq(members.audience, club(input.clubId)), eq(members.userId, input.userId))
    const gone = await db.delete(members).where(isTheirs).returning({ id: members.id })
    if (gone.length === 0) reject('not-allowed')
  },
})

async function balanceOf(db: ActionDb, audience: string, name: string): Promise<number> {
  const [account] = await db
    .select()
    .from(accounts)
    .where(and(eq(accounts.audience, audience), eq(accounts.name, name)))
  return account?.balance ?? reject('no-account')
}

/** Money is conserved: what one account loses the other gains, or nothing happens. */
export const moveMoney = defineAction({
  name: 'money.move',
  version: 1,
  input: z.strictObject({ clubId, from: z.string(), to: z.string(), amount: z.int() }),
  audiences: (input) => [club(input.clubId)],
  async run({ db, input }) {
    const audience = club(input.clubId)
    const balance = await balanceOf(db, audience, input.from)
    await balanceOf(db, audience, input.to)
    if (balance < input.amount) reject('too-little-money', { balance })
    for (const [name, by] of [[input.from, -input.amount] as const, [input.to, input.amount] as const]) {
      await db
        .update(accounts)
        .set({ balance: sql`${accounts.balance} + ${by}` })
        .where(and(eq(accounts.audience, audience), eq(accounts.name, name)))
    }
  },
})

/** The order shows in the result: times two plus one. */
export const turnCounter = defineAction({
  name: 'counter.turn',
  version: 1,
  input: z.strictObject({ clubId, by: z.int() }),
  audiences: (input) => [club(input.clubId)],
  async run({ db, input }) {
    await db
      .update(counters)
      .set({ total: sql`(${counters.total} * 2 + ${input.by}) % 1000003` })
      .where(eq(counters.audience, club(input.clubId)))
  },
})

/** Whoever comes first in replay order has the seat; the others are told who. */
export const takeSeat = defineAction({
  name: 'seat.take',
  version: 1,
  input: z.strictObject({ clubId, place: z.int() }),
  audiences: (input) => [club(input.clubId)],
  async run({ db, input, id, user }) {
    const audience = club(input.clubId)
    const [taken] = await db
      .select()
      .from(seats)
      .where(and(eq(seats.audience, audience), eq(seats.place, input.place)))
    if (taken) reject('seat-taken', { by: taken.userId })
    await db.insert(seats).values({ id: id(), audience, place: input.place, userId: user.id })
  },
})

export const leaveSeat = defineAction({
  name: 'seat.leave',
  version: 1,
  input: z.strictObject({ clubId }),
  audiences: (input) => [club(input.clubId)],
  async run({ db, input, user }) {
    await db.delete(seats).where(and(eq(seats.audience, club(input.clubId)), eq(seats.userId, user.id)))
  },
})

/** The same as `seat.take`, in the order of arrival. */
export const grabSeat = defineAction({ ...takeSeat, name: 'seat.grab', order: 'arrival' })

/** Reads one club and writes another: what is read later must not be seen. */
export const copyCounter = defineAction({
  name: 'counter.copy',
  version: 1,
  input: z.strictObject({ from: clubId, to: clubId }),
  audiences: ({ from, to }) => ({ writes: [club(to)], reads: [club(from)] }),
  async run({ db, input }) {
    const rows = await db
      .select()
      .from(counters)
      .where(eq(counters.audience, club(input.from)))
    const total = rows.reduce((sum, row) => sum + row.total, 0)
    await db
      .insert(counters)
      .values({ audience: club(input.to), name: 'copied', total })
      .onConflictDoUpdate({
        target: [counters.audience, counters.name],
        set: { total },
      })
  },
})

export const makeThing = defineAction({
  name: 'thing.make',
  version: 1,
  input: z.strictObject({ clubId, label: z.string() }),
  audiences: (input) => [club(input.clubId)],
  async run({ db, input, id }) {
    const audience = club(input.clubId)
    const thing = id('thing')
    await db.insert(things).values({ id: thing, audience, label: input.label })
    await db.insert(parts).values(['x', 'y'].map((label) => ({ id: id(), thingId: thing, audience, label })))
    return { thingId: thing }
  },
})

/** Takes the first thing of one club to another, with its parts. */
export const carryThing = defineAction({
  name: 'thing.carry',
  version: 1,
  input: z.strictObject({ from: clubId, to: clubId }),
  audiences: ({ from, to }) => [club(from), club(to)],
  async run({ db, input }) {
    const from = eq(things.audience, club(input.from))
    const [thing] = await db.select().from(things).where(from).orderBy(asc(things.id)).limit(1)
    if (!thing) reject('nothing-there')
    await db
      .update(parts)
      .set({ audience: club(input.to) })
      .where(eq(parts.thingId, thing.id))
    await db
      .update(things)
      .set({ audience: club(input.to) })
      .where(eq(things.id, thing.id))
  },
})

/** Deletes the first thing; its parts go by cascade. */
export const dropThing = defineAction({
  name: 'thing.drop',
  version: 1,
  input: z.strictObject({ clubId }),
  audiences: (input) => [club(input.clubId)],
  async run({ db, input }) {
    const [thing] = await db
      .select()
      .from(things)
      .where(eq(things.audience, club(input.clubId)))
      .orderBy(asc(things.id))
      .limit(1)
    if (thing) await db.delete(things).where(eq(things.id, thing.id))
  },
})

export const writeNote = defineAction({
  name: 'note.write',
  version: 1,
  input: z.strictObject({ body: z.string() }),
  audiences: (_, { user }) => [`user:${user.id}`],
  async run({ db, input, id, user }) {
    await db.delete(notes).where(eq(notes.userId, user.id))
    await db.insert(notes).values({ id: id(), userId: user.id, body: input.body })
  },
})

/** A shared effect that rows decide which others cannot see. */
export const turnAsNoted = defineAction({
  name: 'counter.turnAsNoted',
  version: 1,
  input: z.strictObject({ clubId }),
  audiences: (input, { user }) => ({ writes: [club(input.clubId)], reads: [`user:${user.id}`] }),
  async run({ db, input, user }) {
    const [note] = await db.select().from(notes).where(eq(notes.userId, user.id))
    if (note?.body !== 'turn') reject('not-noted')
    await db
      .update(counters)
      .set({ total: sql`${counters.total} + 7` })
      .where(and(eq(counters.audience, club(input.clubId)), eq(counters.name, 'visits')))
  },
})

export const postNotice = defineAction({
  name: 'notice.post',
  version: 1,
  input: z.strictObject({ body: z.string() }),
  audiences: () => ['public'],
  order: 'arrival',
  async run({ db, input, id }) {
    await db.insert(notices).values({ id: id(), audience: 'public', body: input.body })
  },
})

/** Reads what everybody may read and writes into one club. */
export const countNotices = defineAction({
  name: 'notice.count',
  version: 1,
  input: z.strictObject({ clubId }),
  audiences: (input) => ({ writes: [club(input.clubId)], reads: ['public'] }),
  async run({ db, input }) {
    const rows = await db.select({ id: notices.id }).from(notices)
    await db
      .insert(counters)
      .values({ audience: club(input.clubId), name: 'notices', total: rows.length })
      .onConflictDoUpdate({
        target: [counters.audience, counters.name],
        set: { total: sql`${counters.total} + ${rows.length}` },
      })
  },
})

export const lookAround = defineAction({
  name: 'club.look',
  version: 1,
  input: z.strictObject({ clubId }),
  audiences: (input) => [club(input.clubId)],
  run: async ({ db }) => (await db.select().from(seats)).length,
})

export const clubActions: readonly AnyAction[] = [
  foundClub,
  addMember,
  removeMember,
  moveMoney,
  turnCounter,
  takeSeat,
  leaveSeat,
  grabSeat,
  copyCounter,
  makeThing,
  carryThing,
  dropThing,
  writeNote,
  turnAsNoted,
  postNotice,
  countNotices,
  lookAround,
  ...listActions,
]
