/**
 * The captured tables: what actions change and devices hold. Edit this file to add a table or a column, then run
 * `npm run db:generate`.
 *
 * What every table here needs; installation refuses the rest and says what to write instead (ACT-1, ACT-2, CAP-2):
 * - `audience`: who may see the row (AUD-1).
 * - A key: one `uuid` that the inserting action took from `id()`, or several columns with `audience` among them.
 * - `audience` in every unique constraint and on both sides of every foreign key; CASCADE or NO ACTION only.
 * - Text from `./columns`. No defaults that change (`now()`, `gen_random_uuid()`), no serial or identity columns.
 */
import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { audience, moment, text } from './columns'

export const memberRole = pgEnum('member_role', ['owner', 'editor', 'viewer'])
export type MemberRole = (typeof memberRole.enumValues)[number]

/** In ascending order, so that `order by priority desc` shows the urgent ones first. */
export const issuePriority = pgEnum('issue_priority', ['none', 'low', 'medium', 'high', 'urgent'])
export type IssuePriority = (typeof issuePriority.enumValues)[number]

export const projects = pgTable(
  'projects',
  {
    id: uuid('id').primaryKey(),
    audience: audience('project', 'id'),
    name: text('name').notNull(),
    /** Short prefix of issue numbers: `BEAM` in `BEAM-12`. */
    key: text('key').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [unique('projects_id_audience').on(t.id, t.audience)],
)

/** Who takes part in a project. The row grants its own audience (AUD-2); it keeps the name, so names are there offline. */
export const members = pgTable(
  'members',
  {
    projectId: uuid('project_id').notNull(),
    audience: audience('project', 'project_id'),
    userId: text('user_id').notNull(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    role: memberRole('role').notNull(),
    addedAt: moment('added_at').notNull(),
  },
  (t) => [
    primaryKey({ name: 'members_pkey', columns: [t.audience, t.userId] }),
    inProject('members_project', t),
    index('members_user').on(t.userId),
  ],
)

/** Where an issue stands on the board. A closed column takes no more issues; a done column completes what moves in. */
export const columns = pgTable(
  'columns',
  {
    id: uuid('id').primaryKey(),
    projectId: uuid('project_id').notNull(),
    audience: audience('project', 'project_id'),
    name: text('name').notNull(),
    /** Order on the board: a fractional index, compared bytewise. */
    rank: text('rank').notNull(),
    /** Most issues it may hold at a time; null for any number. */
    issueLimit: integer('issue_limit'),
    isDone: boolean('is_done').notNull(),
    closedAt: moment('closed_at'),
    closedBy: text('closed_by'),
    /** Kept here so that the sentence "closed by Ben" holds when Ben has left. */
    closedByName: text('closed_by_name'),
  },
  (t) => [
    unique('columns_id_audience').on(t.id, t.audience),
    inProject('columns_project', t),
    index('columns_audience_rank').on(t.audience, t.rank),
    check('columns_limit_positive', sql`${t.issueLimit} > 0`),
  ],
)

export const issues = pgTable(
  'issues',
  {
    id: uuid('id').primaryKey(),
    projectId: uuid('project_id').notNull(),
    audience: audience('project', 'project_id'),
    /** 1, 2, 3 … within its project, from `issueCounters`. */
    number: integer('number').notNull(),
    title: text('title').notNull(),
    description: text('description').notNull(),
    columnId: uuid('column_id').notNull(),
    /** Order within its column: a fractional index, compared bytewise. */
    rank: text('rank').notNull(),
    priority: issuePriority('priority').notNull(),
    /** A member who may edit; cleared when that changes. */
    assigneeId: text('assignee_id'),
    assignedAt: moment('assigned_at'),
    /** One level only: a child has no children of its own. Clearing it is up to the action that removes the parent. */
    parentId: uuid('parent_id'),
    /** In points. */
    estimate: integer('estimate'),
    createdBy: text('created_by').notNull(),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
    completedAt: moment('completed_at'),
    archivedAt: moment('archived_at'),
  },
  (t) => [
    unique('issues_id_audience').on(t.id, t.audience),
    unique('issues_audience_number').on(t.audience, t.number),
    inProject('issues_project', t),
    foreignKey({
      name: 'issues_column',
      columns: [t.columnId, t.audience],
      foreignColumns: [columns.id, columns.audience],
    }),
    foreignKey({ name: 'issues_parent', columns: [t.parentId, t.audience], foreignColumns: [t.id, t.audience] }),
    index('issues_board').on(t.projectId, t.columnId, t.rank),
    index('issues_recent').on(t.projectId, t.updatedAt),
    index('issues_children').on(t.parentId),
    index('issues_assignee').on(t.assigneeId),
  ],
)

/** The last number given out in a project. A table without children: changing the row costs nothing elsewhere. */
export const issueCounters = pgTable(
  'issue_counters',
  {
    projectId: uuid('project_id').notNull(),
    audience: audience('project', 'project_id'),
    lastNumber: integer('last_number').notNull(),
  },
  (t) => [
    primaryKey({ name: 'issue_counters_pkey', columns: [t.audience, t.projectId] }),
    inProject('issue_counters_project', t),
  ],
)

/** How often people wished for an issue. No row means zero. */
export const issueVotes = pgTable(
  'issue_votes',
  {
    issueId: uuid('issue_id').notNull(),
    projectId: uuid('project_id').notNull(),
    audience: audience('project', 'project_id'),
    total: integer('total').notNull(),
  },
  (t) => [primaryKey({ name: 'issue_votes_pkey', columns: [t.audience, t.issueId] }), ofIssue('issue_votes_issue', t)],
)

export const comments = pgTable(
  'comments',
  {
    id: uuid('id').primaryKey(),
    projectId: uuid('project_id').notNull(),
    audience: audience('project', 'project_id'),
    issueId: uuid('issue_id').notNull(),
    authorId: text('author_id').notNull(),
    /** Kept here so that the name is there when the author has left the project. */
    authorName: text('author_name').notNull(),
    body: text('body').notNull(),
    createdAt: moment('created_at').notNull(),
    editedAt: moment('edited_at'),
  },
  (t) => [
    ofIssue('comments_issue', t),
    index('comments_issue_created').on(t.issueId, t.createdAt),
    index('comments_audience').on(t.audience),
  ],
)

export const labels = pgTable(
  'labels',
  {
    id: uuid('id').primaryKey(),
    projectId: uuid('project_id').notNull(),
    audience: audience('project', 'project_id'),
    name: text('name').notNull(),
    /** A name of the palette, such as `blue`; the interface knows the shade for light and dark. */
    color: text('color').notNull(),
  },
  (t) => [
    unique('labels_id_audience').on(t.id, t.audience),
    unique('labels_audience_name').on(t.audience, t.name),
    inProject('labels_project', t),
  ],
)

export const issueLabels = pgTable(
  'issue_labels',
  {
    issueId: uuid('issue_id').notNull(),
    labelId: uuid('label_id').notNull(),
    projectId: uuid('project_id').notNull(),
    audience: audience('project', 'project_id'),
  },
  (t) => [
    primaryKey({ name: 'issue_labels_pkey', columns: [t.audience, t.issueId, t.labelId] }),
    ofIssue('issue_labels_issue', t),
    foreignKey({
      name: 'issue_labels_label',
      columns: [t.labelId, t.audience],
      foreignColumns: [labels.id, labels.audience],
    }).onDelete('cascade'),
    index('issue_labels_label').on(t.labelId),
  ],
)

/** My focus list: private, and pointing at issues without a foreign key, because an issue lives in another audience. */
export const focusItems = pgTable(
  'focus_items',
  {
    userId: text('user_id').notNull(),
    audience: audience('user', 'user_id'),
    issueId: uuid('issue_id').notNull(),
    note: text('note').notNull(),
    addedAt: moment('added_at').notNull(),
  },
  (t) => [primaryKey({ name: 'focus_items_pkey', columns: [t.audience, t.issueId] })],
)

/** My settings: private. No row means the defaults. */
export const settings = pgTable(
  'settings',
  {
    userId: text('user_id').notNull(),
    audience: audience('user', 'user_id'),
    /** Putting an issue on my focus list also assigns it to me when nobody has it. */
    assignOnFocus: boolean('assign_on_focus').notNull(),
  },
  (t) => [primaryKey({ name: 'settings_pkey', columns: [t.audience, t.userId] })],
)

interface InProject {
  readonly projectId: AnyPgColumn
  readonly audience: AnyPgColumn
}

/** The row belongs to a project and goes with it. */
function inProject(name: string, t: InProject) {
  return foreignKey({
    name,
    columns: [t.projectId, t.audience],
    foreignColumns: [projects.id, projects.audience],
  }).onDelete('cascade')
}

/** The row belongs to an issue and goes with it. */
function ofIssue(name: string, t: { readonly issueId: AnyPgColumn; readonly audience: AnyPgColumn }) {
  return foreignKey({
    name,
    columns: [t.issueId, t.audience],
    foreignColumns: [issues.id, issues.audience],
  }).onDelete('cascade')
}
