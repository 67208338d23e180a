/**
 * Something to do, chosen by chance among what a person sees: fills campaigns in which many people do everything at
 * once. Rules may say no to any of it; that is part of the work.
 */

import { columns, comments, issues, labels, members, projects } from '@/db/schema'
import {
  addColumn,
  addComment,
  addFocus,
  addMember,
  archiveDone,
  assignIssue,
  attachLabel,
  changeSettings,
  claimIssue,
  closeColumn,
  completeIssue,
  createIssue,
  createLabel,
  deleteIssue,
  detachLabel,
  editComment,
  editIssue,
  moveIssue,
  removeComment,
  removeFocus,
  removeMember,
  renameProject,
  reopenColumn,
  reopenIssue,
  reorderColumn,
  setColumnLimit,
  setMemberRole,
  transferIssue,
  voteForIssue,
  writeFocusNote,
} from '@/lib/actions'
import type { AnyAction } from '@/lib/sync/action'
import type { Store } from '@/lib/sync/store/driver'
import { card, rowsOf } from './board'

export interface Deed {
  readonly action: AnyAction
  readonly input: unknown
}

export interface Chance {
  /** A number in [0, 1). */
  next(): number
}

export function pick<Item>(chance: Chance, items: readonly Item[]): Item | undefined {
  return items[Math.floor(chance.next() * items.length)]
}

/** Null when the person sees nothing to work with. */
export async function chooseDeed(store: Store, people: readonly string[], chance: Chance): Promise<Deed | null> {
  const project = pick(chance, sortedById(await rowsOf(store, projects)))
  if (!project) return null
  const projectId = project.id
  const own = <Row extends { projectId: string }>(rows: Row[]) => rows.filter((row) => row.projectId === projectId)
  const seen = {
    projectId,
    projects: sortedById(await rowsOf(store, projects)),
    allColumns: sortedById(await rowsOf(store, columns)),
    columns: sortedById(own(await rowsOf(store, columns))),
    issues: sortedById(own(await rowsOf(store, issues))),
    comments: sortedById(own(await rowsOf(store, comments))),
    labels: sortedById(own(await rowsOf(store, labels))),
    members: own(await rowsOf(store, members))
      .map((member) => member.userId)
      .sort(),
    people,
  }
  const deeds = pick(chance, weighted)
  return deeds?.(seen, chance) ?? null
}

const sortedById = <Row extends { id: string }>(rows: Row[]) => rows.sort((a, b) => (a.id < b.id ? -1 : 1))

interface Seen {
  readonly projectId: string
  readonly projects: readonly (typeof projects.$inferSelect)[]
  readonly allColumns: readonly (typeof columns.$inferSelect)[]
  readonly columns: readonly (typeof columns.$inferSelect)[]
  readonly issues: readonly (typeof issues.$inferSelect)[]
  readonly comments: readonly (typeof comments.$inferSelect)[]
  readonly labels: readonly (typeof labels.$inferSelect)[]
  readonly members: readonly string[]
  readonly people: readonly string[]
}

type Idea = (seen: Seen, chance: Chance) => Deed | null

const word = (chance: Chance) => pick(chance, ['Mast', 'Sail', 'Rope', 'Keel', 'Jib', 'Buoy', 'Dinghy']) ?? 'Mast'

const create: Idea = ({ projectId, columns, issues, labels }, chance) => {
  const column = pick(chance, columns)
  if (!column) return null
  const parentId = chance.next() < 0.3 ? pick(chance, issues)?.id : undefined
  const labelIds = chance.next() < 0.2 ? labels.slice(0, 2).map((label) => label.id) : undefined
  return { action: createIssue, input: { projectId, columnId: column.id, title: word(chance), parentId, labelIds } }
}

const move: Idea = ({ projectId, columns, issues }, chance) => {
  const [issue, column] = [pick(chance, issues), pick(chance, columns)]
  if (!issue || !column) return null
  const after = pick(chance, [null, undefined, pick(chance, issues)?.id])
  return { action: moveIssue, input: { projectId, issueId: issue.id, columnId: column.id, after } }
}

const transfer: Idea = ({ projectId, issues, allColumns }, chance) => {
  const [issue, to] = [
    pick(chance, issues),
    pick(
      chance,
      allColumns.filter((column) => column.projectId !== projectId),
    ),
  ]
  if (!issue || !to) return null
  return {
    action: transferIssue,
    input: { projectId, issueId: issue.id, toProjectId: to.projectId, toColumnId: to.id },
  }
}

const edit: Idea = ({ projectId, issues }, chance) => {
  const issue = pick(chance, issues)
  if (!issue) return null
  const change = pick(chance, [
    { title: word(chance) },
    { estimate: Math.floor(chance.next() * 10) },
    { priority: pick(chance, ['low', 'high', 'urgent'] as const) },
    { parentId: pick(chance, issues)?.id ?? null },
    { parentId: null },
  ])
  return { action: editIssue, input: { projectId, issueId: issue.id, ...change } }
}

/** An action that takes an issue and perhaps something else. */
const onIssue =
  (action: AnyAction, rest?: (seen: Seen, chance: Chance) => object | null): Idea =>
  (seen, chance) => {
    const issue = pick(chance, seen.issues)
    const more = rest ? rest(seen, chance) : {}
    if (!issue || !more) return null
    return { action, input: { projectId: seen.projectId, issueId: issue.id, ...more } }
  }

const onColumn =
  (action: AnyAction, rest: (seen: Seen, chance: Chance) => object = () => ({})): Idea =>
  (seen, chance) => {
    const column = pick(chance, seen.columns)
    return column ? { action, input: { projectId: seen.projectId, columnId: column.id, ...rest(seen, chance) } } : null
  }

const onComment =
  (action: AnyAction, rest: object = {}): Idea =>
  ({ projectId, comments }, chance) => {
    const comment = pick(chance, comments)
    return comment ? { action, input: { projectId, commentId: comment.id, ...rest } } : null
  }

const label = ({ labels }: Seen, chance: Chance) => {
  const found = pick(chance, labels)
  return found ? { labelId: found.id } : null
}

const invite: Idea = ({ projectId, people }, chance) => {
  const userId = pick(chance, people)
  const role = pick(chance, ['owner', 'editor', 'editor', 'viewer'] as const)
  return userId && role ? { action: addMember, input: { projectId, userId, ...card(userId), role } } : null
}

const onMember =
  (action: AnyAction, rest: (chance: Chance) => object = () => ({})): Idea =>
  ({ projectId, members }, chance) => {
    const userId = pick(chance, members)
    return userId ? { action, input: { projectId, userId, ...rest(chance) } } : null
  }

const onMyList =
  (action: AnyAction, input: (seen: Seen, chance: Chance) => object | null): Idea =>
  (seen, chance) => {
    const found = input(seen, chance)
    return found && { action, input: found }
  }

const weights: readonly (readonly [number, Idea])[] = [
  [14, create],
  [14, move],
  [5, transfer],
  [8, edit],
  [8, onIssue(claimIssue)],
  [5, onIssue(assignIssue, ({ members }, chance) => ({ assigneeId: pick(chance, [null, ...members]) ?? null }))],
  [8, onIssue(voteForIssue, (_, chance) => ({ add: Math.floor(chance.next() * 9) - 3 }))],
  [8, onIssue(completeIssue)],
  [3, onIssue(reopenIssue)],
  [4, onIssue(deleteIssue)],
  [6, onIssue(addComment, (_, chance) => ({ body: word(chance) }))],
  [4, onIssue(attachLabel, label)],
  [2, onIssue(detachLabel, label)],
  [5, onIssue(addFocus)],
  [
    2,
    onMyList(
      removeFocus,
      ({ issues }, chance) =>
        pick(
          chance,
          issues.map(({ id }) => ({ issueId: id })),
        ) ?? null,
    ),
  ],
  [
    2,
    onMyList(
      writeFocusNote,
      ({ issues }, chance) =>
        pick(
          chance,
          issues.map(({ id }) => ({ issueId: id, note: 'x' })),
        ) ?? null,
    ),
  ],
  [2, onMyList(changeSettings, (_, chance) => ({ assignOnFocus: chance.next() < 0.6 }))],
  [2, onComment(editComment, { body: 'Edited' })],
  [2, onComment(removeComment)],
  [2, onColumn(closeColumn)],
  [3, onColumn(reopenColumn)],
  [3, onColumn(setColumnLimit, (_, chance) => ({ issueLimit: pick(chance, [null, 1, 2, 4]) ?? null }))],
  [
    2,
    onColumn(reorderColumn, ({ columns }, chance) => ({ after: pick(chance, [null, ...columns.map(({ id }) => id)]) })),
  ],
  [3, onColumn(archiveDone)],
  [
    1,
    ({ projectId }, chance) => ({
      action: addColumn,
      input: { projectId, name: word(chance), isDone: chance.next() < 0.3 },
    }),
  ],
  [2, ({ projectId }, chance) => ({ action: createLabel, input: { projectId, name: word(chance), color: 'red' } })],
  [1, ({ projectId }, chance) => ({ action: renameProject, input: { projectId, name: word(chance) } })],
  [3, invite],
  [2, onMember(removeMember)],
  [2, onMember(setMemberRole, (chance) => ({ role: pick(chance, ['owner', 'editor', 'viewer']) }))],
]

const weighted: readonly Idea[] = weights.flatMap(([weight, idea]) => Array.from({ length: weight }, () => idea))
