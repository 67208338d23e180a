/** My focus list and settings: rows of `user:<me>`, which nobody else ever sees. */
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { focusItems, settings } from '@/db/schema'
import { type AudienceContext, defineAction, reject } from '@/lib/sync/action'
import { changeIssue } from './change-issue'
import * as field from './input'
import { findIssue, findMember, mayEdit } from './lookups'

const note = z.string().max(2_000)
const mine = (_input: unknown, { user }: AudienceContext) => [`user:${user.id}`]

/**
 * Puts an issue on my private list, and assigns it to me if nobody has it and my private setting says so: what
 * everybody sees then depends on a row that only I can see. Only the server and my devices can compute it, and
 * that is enough: others receive the result.
 */
export const addFocus = defineAction({
  name: 'focus.add',
  version: 1,
  input: z.strictObject({ projectId: field.id, issueId: field.id, note: note.optional() }),
  audiences: ({ projectId }, { user }) => [`project:${projectId}`, `user:${user.id}`],
  async run(context) {
    const { db, input, user, now } = context
    const issue = await findIssue(db, input)
    await db
      .insert(focusItems)
      .values({ userId: user.id, issueId: input.issueId, note: input.note ?? '', addedAt: now })
      .onConflictDoNothing()
    const [mySettings] = await db.select().from(settings).where(eq(settings.userId, user.id))
    if (!mySettings?.assignOnFocus || issue.assigneeId !== null || issue.completedAt) return
    const me = await findMember(db, { projectId: input.projectId, userId: user.id })
    if (me && mayEdit(me.role)) await changeIssue(context, { assigneeId: user.id, assignedAt: now })
  },
})

export const removeFocus = defineAction({
  name: 'focus.remove',
  version: 1,
  input: z.strictObject({ issueId: field.id }),
  audiences: mine,
  async run({ db, input }) {
    await db.delete(focusItems).where(eq(focusItems.issueId, input.issueId))
  },
})

export const writeFocusNote = defineAction({
  name: 'focus.note',
  version: 1,
  input: z.strictObject({ issueId: field.id, note }),
  audiences: mine,
  async run({ db, input }) {
    const noted = await db
      .update(focusItems)
      .set({ note: input.note })
      .where(eq(focusItems.issueId, input.issueId))
      .returning({ issueId: focusItems.issueId })
    if (noted.length === 0) reject('not-in-focus')
  },
})

export const changeSettings = defineAction({
  name: 'settings.change',
  version: 1,
  input: z.strictObject({ assignOnFocus: z.boolean() }),
  audiences: mine,
  async run({ db, input, user }) {
    await db
      .insert(settings)
      .values({ userId: user.id, ...input })
      .onConflictDoUpdate({ target: [settings.audience, settings.userId], set: input })
  },
})
