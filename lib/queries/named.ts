/**
 * Queries by name, for first paint: what a screen asks with `useLiveQuery(build, { key, input })` is here under that key, and
 * the server runs it under the row access of whoever asks. When you would edit this file: a screen that is often opened first
 * gets a key.
 *
 * A client sends a key and an input, never SQL. Both sides import this file, and compare what it comes to: another build
 * gets no rows.
 */
import { z } from 'zod'
import type { ActionDb } from '../sync/action'
import {
  allMembers,
  allProjects,
  attachedLabelsOf,
  boardIssues,
  columnsOf,
  commentCountsOf,
  issueById,
  labelsOf,
  membersOf,
  myFocus,
  projectById,
} from './selects'

/** A select that can say its SQL. */
interface Said {
  toSQL(): { sql: string; params: unknown[] }
}

/** Answers null for an input that is none of its own. */
type NamedQuery = (db: ActionDb, input: unknown) => Said | null

const nothing = z.strictObject({})
const ofProject = z.strictObject({ projectId: z.uuid() })
const ofIssue = z.strictObject({ issueId: z.uuid() })

const queries = {
  projects: named(nothing, allProjects),
  members: named(nothing, allMembers),
  focus: named(nothing, myFocus),
  project: named(ofProject, (db, { projectId }) => projectById(db, projectId)),
  'project-members': named(ofProject, (db, { projectId }) => membersOf(db, projectId)),
  columns: named(ofProject, (db, { projectId }) => columnsOf(db, projectId)),
  labels: named(ofProject, (db, { projectId }) => labelsOf(db, projectId)),
  board: named(ofProject, (db, { projectId }) => boardIssues(db, projectId)),
  'attached-labels': named(ofProject, (db, { projectId }) => attachedLabelsOf(db, projectId)),
  'comment-counts': named(ofProject, (db, { projectId }) => commentCountsOf(db, projectId)),
  issue: named(ofIssue, (db, { issueId }) => issueById(db, issueId)),
} satisfies Readonly<Record<string, NamedQuery>>

export const namedQueries: ReadonlyMap<string, NamedQuery> = new Map(Object.entries(queries))

function named<Input extends z.ZodType>(
  input: Input,
  select: (db: ActionDb, input: z.output<Input>) => Said,
): NamedQuery {
  return (db, asked) => {
    const parsed = input.safeParse(asked)
    return parsed.success ? select(db, parsed.data) : null
  }
}
