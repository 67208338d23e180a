/** Comments: everybody in the project may write them, and change or remove their own (policy). */
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { comments } from '@/db/schema'
import { defineAction, reject } from '@/lib/sync/action'
import * as field from './input'
import { findComment, findIssue, findMember } from './lookups'

const comment = z.strictObject({ projectId: field.id, commentId: field.id })
const body = field.longText.trim().min(1)

export const addComment = defineAction({
  name: 'comment.add',
  version: 1,
  input: z.strictObject({ projectId: field.id, issueId: field.id, body }),
  audiences: field.project,
  async run({ db, input, id, now, user }) {
    await findIssue(db, input)
    const author = (await findMember(db, { projectId: input.projectId, userId: user.id })) ?? reject('not-a-member')
    const commentId = id()
    await db
      .insert(comments)
      .values({ id: commentId, ...input, authorId: user.id, authorName: author.name, createdAt: now })
    return { commentId }
  },
})

/** One's own only: the policy filters others' silently, hence the look at what came back. */
export const editComment = defineAction({
  name: 'comment.edit',
  version: 1,
  input: comment.extend({ body }),
  audiences: field.project,
  async run({ db, input, now }) {
    await findComment(db, input)
    const edited = await db
      .update(comments)
      .set({ body: input.body, editedAt: now })
      .where(eq(comments.id, input.commentId))
      .returning({ id: comments.id })
    if (edited.length === 0) reject('not-allowed')
  },
})

/** One's own; owners of the project may remove any. */
export const removeComment = defineAction({
  name: 'comment.remove',
  version: 1,
  input: comment,
  audiences: field.project,
  async run({ db, input }) {
    await findComment(db, input)
    const removed = await db.delete(comments).where(eq(comments.id, input.commentId)).returning({ id: comments.id })
    if (removed.length === 0) reject('not-allowed')
  },
})
