/** Labels of a project, and which issues carry them. Owners and editors only (policy). */
import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { issueLabels, labels } from '@/db/schema'
import { defineAction, reject } from '@/lib/sync/action'
import * as field from './input'
import { findIssue, findLabel } from './lookups'

const link = z.strictObject({ projectId: field.id, issueId: field.id, labelId: field.id })

export const createLabel = defineAction({
  name: 'label.create',
  version: 1,
  input: z.strictObject({ projectId: field.id, name: field.name, color: z.string().regex(/^[a-z]{1,20}$/) }),
  audiences: field.project,
  async run({ db, input, id }) {
    const [taken] = await db
      .select({ id: labels.id })
      .from(labels)
      .where(and(eq(labels.projectId, input.projectId), eq(labels.name, input.name)))
    if (taken) reject('label-exists', { name: input.name })
    const labelId = id()
    await db.insert(labels).values({ id: labelId, ...input })
    return { labelId }
  },
})

/** Twice is as good as once: of two people who attach the same label, neither is told off. */
export const attachLabel = defineAction({
  name: 'label.attach',
  version: 1,
  input: link,
  audiences: field.project,
  async run({ db, input }) {
    await findIssue(db, input)
    await findLabel(db, input)
    await db.insert(issueLabels).values(input).onConflictDoNothing()
  },
})

export const detachLabel = defineAction({
  name: 'label.detach',
  version: 1,
  input: link,
  audiences: field.project,
  async run({ db, input }) {
    const isLink = and(
      eq(issueLabels.projectId, input.projectId),
      eq(issueLabels.issueId, input.issueId),
      eq(issueLabels.labelId, input.labelId),
    )
    const [attached] = await db.select({ labelId: issueLabels.labelId }).from(issueLabels).where(isLink)
    if (!attached) return
    const detached = await db.delete(issueLabels).where(isLink).returning({ labelId: issueLabels.labelId })
    if (detached.length === 0) reject('not-allowed')
  },
})
