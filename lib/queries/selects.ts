/**
 * What the screens read, as drizzle selects over the local database. When you would edit this file: a screen needs
 * another column or another list. Nothing here talks to a network; every select is kept current by `useLiveQuery`. The
 * server runs those that `named.ts` lists, for the first rows of a device that has none yet.
 */
import { and, asc, count, desc, eq, inArray, isNull, sql } from 'drizzle-orm'
import {
  columns,
  comments,
  focusItems,
  issueLabels,
  issues,
  issueVotes,
  labels,
  members,
  projects,
  settings,
} from '@/db/schema'
import type { ActionDb } from '../sync/action'

/** Any drizzle handle: the one of a screen, or the server's. */
type QueryDb = ActionDb

export const allProjects = (db: QueryDb) =>
  db
    .select({
      id: projects.id,
      name: projects.name,
      key: projects.key,
      createdAt: projects.createdAt,
      openCount: count(
        sql`case when ${issues.completedAt} is null and ${issues.archivedAt} is null then ${issues.id} end`,
      ),
      doneCount: count(issues.completedAt),
    })
    .from(projects)
    .leftJoin(issues, eq(issues.projectId, projects.id))
    .groupBy(projects.id)
    .orderBy(asc(projects.name), asc(projects.id))

/** Names and roles of everybody I share a project with. */
export const allMembers = (db: QueryDb) =>
  db.select().from(members).orderBy(asc(members.name), asc(members.userId), asc(members.audience))

export const projectById = (db: QueryDb, projectId: string) =>
  db.select().from(projects).where(eq(projects.id, projectId))

export const membersOf = (db: QueryDb, projectId: string) =>
  db.select().from(members).where(eq(members.projectId, projectId)).orderBy(asc(members.name), asc(members.userId))

export const columnsOf = (db: QueryDb, projectId: string) =>
  db.select().from(columns).where(eq(columns.projectId, projectId)).orderBy(asc(columns.rank), asc(columns.id))

export const labelsOf = (db: QueryDb, projectId: string) =>
  db.select().from(labels).where(eq(labels.projectId, projectId)).orderBy(asc(labels.name))

export const attachedLabelsOf = (db: QueryDb, projectId: string) =>
  db
    .select({ issueId: issueLabels.issueId, id: labels.id, name: labels.name, color: labels.color })
    .from(issueLabels)
    .innerJoin(labels, eq(labels.id, issueLabels.labelId))
    .where(eq(issueLabels.projectId, projectId))
    .orderBy(asc(labels.name))

export const commentCountsOf = (db: QueryDb, projectId: string) =>
  db
    .select({ issueId: comments.issueId, total: count() })
    .from(comments)
    .where(eq(comments.projectId, projectId))
    .groupBy(comments.issueId)
    .orderBy(asc(comments.issueId))

/** What a card or a row shows of an issue. */
export const cardFields = {
  id: issues.id,
  projectId: issues.projectId,
  number: issues.number,
  title: issues.title,
  columnId: issues.columnId,
  rank: issues.rank,
  priority: issues.priority,
  assigneeId: issues.assigneeId,
  parentId: issues.parentId,
  estimate: issues.estimate,
  createdAt: issues.createdAt,
  updatedAt: issues.updatedAt,
  completedAt: issues.completedAt,
  archivedAt: issues.archivedAt,
}

export const boardIssues = (db: QueryDb, projectId: string) =>
  db
    .select({ ...cardFields, votes: sql`coalesce(${issueVotes.total}, 0)`.mapWith(Number) })
    .from(issues)
    .leftJoin(issueVotes, eq(issueVotes.issueId, issues.id))
    .where(and(eq(issues.projectId, projectId), isNull(issues.archivedAt)))
    .orderBy(asc(issues.rank), asc(issues.id))

export type BoardIssue = Awaited<ReturnType<typeof boardIssues>>[number]

/** One issue with what its page shows around it. */
export const issueById = (db: QueryDb, issueId: string) =>
  db
    .select({
      issue: issues,
      projectName: projects.name,
      projectKey: projects.key,
      columnName: columns.name,
      votes: sql`coalesce(${issueVotes.total}, 0)`.mapWith(Number),
    })
    .from(issues)
    .innerJoin(projects, eq(projects.id, issues.projectId))
    .innerJoin(columns, eq(columns.id, issues.columnId))
    .leftJoin(issueVotes, eq(issueVotes.issueId, issues.id))
    .where(eq(issues.id, issueId))

export type IssueDetail = Awaited<ReturnType<typeof issueById>>[number]

export const childrenOf = (db: QueryDb, issueId: string) =>
  db.select(cardFields).from(issues).where(eq(issues.parentId, issueId)).orderBy(asc(issues.number))

export const issueHead = (db: QueryDb, issueId: string) =>
  db.select({ id: issues.id, number: issues.number, title: issues.title }).from(issues).where(eq(issues.id, issueId))

export const commentsOf = (db: QueryDb, issueId: string) =>
  db.select().from(comments).where(eq(comments.issueId, issueId)).orderBy(asc(comments.createdAt), asc(comments.id))

export const labelIdsOf = (db: QueryDb, issueId: string) =>
  db
    .select({ labelId: issueLabels.labelId })
    .from(issueLabels)
    .where(eq(issueLabels.issueId, issueId))
    .orderBy(asc(issueLabels.labelId))

/** My private list. The issue is missing when it was deleted, or when I no longer take part in its project. */
export const myFocus = (db: QueryDb) =>
  db
    .select({
      issueId: focusItems.issueId,
      note: focusItems.note,
      addedAt: focusItems.addedAt,
      number: issues.number,
      title: issues.title,
      priority: issues.priority,
      completedAt: issues.completedAt,
      columnName: columns.name,
      projectKey: projects.key,
    })
    .from(focusItems)
    .leftJoin(issues, eq(issues.id, focusItems.issueId))
    .leftJoin(columns, eq(columns.id, issues.columnId))
    .leftJoin(projects, eq(projects.id, issues.projectId))
    .orderBy(asc(focusItems.addedAt), asc(focusItems.issueId))

export const mySettings = (db: QueryDb) => db.select().from(settings).limit(1)

/** Names for the sentences of the inbox. */
export const issueNames = (db: QueryDb, issueIds: readonly string[]) =>
  db
    .select({ id: issues.id, number: issues.number, title: issues.title, projectKey: projects.key })
    .from(issues)
    .innerJoin(projects, eq(projects.id, issues.projectId))
    .where(inArray(issues.id, [...issueIds]))
    .orderBy(desc(issues.updatedAt))

export const columnNames = (db: QueryDb) =>
  db.select({ id: columns.id, name: columns.name }).from(columns).orderBy(asc(columns.id))

export const labelNames = (db: QueryDb) =>
  db.select({ id: labels.id, name: labels.name }).from(labels).orderBy(asc(labels.id))
