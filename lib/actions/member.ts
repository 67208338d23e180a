/** Who takes part in a project, and in which role. Owners only (policy), except that anybody may leave. */
import { and, asc, eq } from 'drizzle-orm'
import { z } from 'zod'
import { issues, members } from '@/db/schema'
import { type ActionDb, defineAction, reject } from '@/lib/sync/action'
import * as field from './input'
import { findMember, type Member } from './lookups'

const person = z.strictObject({ projectId: field.id, userId: field.userId })

/**
 * The person is looked up online by e-mail before; the row keeps name and address, so that they are there offline.
 */
export const addMember = defineAction({
  name: 'member.add',
  version: 1,
  input: z.strictObject({
    projectId: field.id,
    userId: field.userId,
    name: field.name,
    email: z.email(),
    role: field.role,
  }),
  audiences: field.project,
  async run({ db, input, now }) {
    const known = await findMember(db, input)
    if (known) reject('already-member', { name: known.name, role: known.role })
    await db.insert(members).values({ ...input, addedAt: now })
  },
})

/** Removes a person, or oneself. A project keeps an owner, and the person's issues become free. */
export const removeMember = defineAction({
  name: 'member.remove',
  version: 1,
  input: person,
  audiences: field.project,
  async run({ db, input }) {
    const member = (await findMember(db, input)) ?? reject('member-gone')
    if (member.role === 'owner') await keepAnOwner(db, member)
    // For a viewer who leaves this changes nothing: they were assigned nothing, and the policy filters the rest.
    await releaseIssues(db, input)
    const removed = await db.delete(members).where(isPerson(input)).returning({ userId: members.userId })
    if (removed.length === 0) reject('not-allowed')
  },
})

/** A project keeps an owner; a person who becomes a viewer gives their issues back. */
export const setMemberRole = defineAction({
  name: 'member.setRole',
  version: 1,
  input: person.extend({ role: field.role }),
  audiences: field.project,
  async run({ db, input }) {
    const member = (await findMember(db, input)) ?? reject('member-gone')
    if (member.role === input.role) return
    if (member.role === 'owner') await keepAnOwner(db, member)
    if (input.role === 'viewer') await releaseIssues(db, input)
    await db.update(members).set({ role: input.role }).where(isPerson(input))
  },
})

const isPerson = (at: { projectId: string; userId: string }) =>
  and(eq(members.projectId, at.projectId), eq(members.userId, at.userId))

async function keepAnOwner(db: ActionDb, leaving: Member): Promise<void> {
  const owners = await db
    .select({ userId: members.userId })
    .from(members)
    .where(and(eq(members.projectId, leaving.projectId), eq(members.role, 'owner')))
    .orderBy(asc(members.userId))
    .limit(2)
  if (owners.length < 2) reject('last-owner', { name: leaving.name })
}

async function releaseIssues(db: ActionDb, at: { projectId: string; userId: string }): Promise<void> {
  await db
    .update(issues)
    .set({ assigneeId: null, assignedAt: null })
    .where(and(eq(issues.projectId, at.projectId), eq(issues.assigneeId, at.userId)))
}
