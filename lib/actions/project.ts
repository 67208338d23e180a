/** Projects: rooms of their own, each with its people, board and issues. */
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { columns, issueCounters, members, projects } from '@/db/schema'
import { defineAction, reject } from '@/lib/sync/action'
import * as field from './input'
import { rankBehind } from './rank'

const newColumn = z.strictObject({
  name: field.name,
  issueLimit: field.issueLimit.optional(),
  isDone: z.boolean().optional(),
})

const starterColumns: readonly z.infer<typeof newColumn>[] = [
  { name: 'To do' },
  { name: 'In progress' },
  { name: 'Done', isDone: true },
]

/**
 * Founds the audience of the new project: the id of the project is one that this action hands out under a key, so
 * nobody else can ever found it (AUD-4). Its author becomes the first owner.
 */
export const createProject = defineAction({
  name: 'project.create',
  version: 1,
  input: z.strictObject({
    name: field.name,
    /** Prefix of issue numbers: `BEAM` in `BEAM-12`. */
    key: z.string().regex(/^[A-Z][A-Z0-9]{1,5}$/),
    /** The author, as their colleagues will see them. */
    owner: z.strictObject({ name: field.name, email: z.email() }),
    /** Left to right. Without it: to do, in progress, done. */
    columns: z.array(newColumn).min(1).max(20).optional(),
  }),
  audiences: (_input, { id }) => [`project:${id('project')}`],
  async run({ db, input, id, now, user }) {
    const projectId = id('project')
    await db.insert(projects).values({ id: projectId, name: input.name, key: input.key, createdAt: now })
    await db.insert(members).values({ projectId, userId: user.id, ...input.owner, role: 'owner', addedAt: now })
    await db.insert(issueCounters).values({ projectId, lastNumber: 0 })
    let rank: string | null = null
    const rows: (typeof columns.$inferInsert)[] = []
    for (const { name, issueLimit = null, isDone = false } of input.columns ?? starterColumns) {
      rank = rankBehind(rank)
      rows.push({ id: id(), projectId, name, issueLimit, isDone, rank })
    }
    await db.insert(columns).values(rows)
    return { projectId, columnIds: rows.map((row) => row.id) }
  },
})

/** Owners only (policy). */
export const renameProject = defineAction({
  name: 'project.rename',
  version: 1,
  input: z.strictObject({ projectId: field.id, name: field.name }),
  audiences: field.project,
  async run({ db, input }) {
    const renamed = await db
      .update(projects)
      .set({ name: input.name })
      .where(eq(projects.id, input.projectId))
      .returning({ id: projects.id })
    if (renamed.length === 0) reject('project-gone')
  },
})
