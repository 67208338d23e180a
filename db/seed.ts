/**
 * Fills an empty database with the demonstration of `./demo`, through actions only: what a seed may do, a person may
 * do. You probably do not need to edit this.
 */
import type { z } from 'zod'
import {
  addComment,
  addFocus,
  addMember,
  changeSettings,
  createIssue,
  createLabel,
  createProject,
  voteForIssue,
} from '@/lib/actions'
import type { ActionDefinition } from '@/lib/sync/action'
import { type DemoIssue, type DemoProject, type Person, type PersonId, people, projects } from './demo'

export { type Person, people }

/** Runs one action as a person and answers what it returned; throws when it was not applied. */
export type RunAs = <Schema extends z.ZodType, Value>(
  action: ActionDefinition<Schema, Value>,
  input: z.input<Schema>,
  asUserId: string,
) => Promise<Value>

/** About 120 actions. `userIds` tells which account stands for whom; without it, ids are those of `people`. */
export async function seed(run: RunAs, userIds: Partial<Record<PersonId, string>> = {}): Promise<void> {
  const by = (person: PersonId) => userIds[person] ?? person
  for (const project of projects) await seedProject({ run, by }, project)
  await run(changeSettings, { assignOnFocus: true }, by('ann'))
}

interface Seeding {
  readonly run: RunAs
  by(person: PersonId): string
}

async function seedProject(seeding: Seeding, project: DemoProject): Promise<void> {
  const { run, by } = seeding
  const owner = by(project.owner)
  const columns = project.columns.map(({ issues: _, ...column }) => column)
  const founded = await run(
    createProject,
    { name: project.name, key: project.key, owner: cardOf(project.owner), columns },
    owner,
  )
  const { projectId, columnIds } = founded
  for (const [person, role] of project.members) {
    await run(addMember, { projectId, userId: by(person), ...cardOf(person), role }, owner)
  }
  const labelIds = new Map<string, string>()
  for (const [label, color] of Object.entries(project.labels)) {
    labelIds.set(label, (await run(createLabel, { projectId, name: label, color }, owner)).labelId)
  }
  const issueIds = new Map<string, string>()
  for (const [index, { name: column, issues }] of project.columns.entries()) {
    const columnId = known(columnIds[index], column)
    for (const issue of issues) {
      issueIds.set(issue.title, await seedIssue(seeding, { projectId, columnId, issue, labelIds, issueIds }))
    }
  }
  const first = project.columns[1]?.issues[0]
  if (!first) return
  const issueId = known(issueIds.get(first.title), first.title)
  await run(addFocus, { projectId, issueId, note: 'Ask how far this is' }, owner)
}

interface Placed {
  readonly projectId: string
  readonly columnId: string
  readonly issue: DemoIssue
  readonly labelIds: ReadonlyMap<string, string>
  readonly issueIds: ReadonlyMap<string, string>
}

async function seedIssue({ run, by }: Seeding, placed: Placed): Promise<string> {
  const { projectId, columnId, issue, labelIds, issueIds } = placed
  const { title, description, priority, estimate, assignee, parent, labels = [], comments = [], votes = {} } = issue
  const { issueId } = await run(
    createIssue,
    {
      ...{ projectId, columnId, title, description, priority, estimate },
      assigneeId: assignee === undefined ? null : by(assignee),
      parentId: parent === undefined ? null : known(issueIds.get(parent), parent),
      labelIds: labels.map((label) => known(labelIds.get(label), label)),
    },
    by(issue.by),
  )
  for (const [person, body] of comments) await run(addComment, { projectId, issueId, body }, by(person))
  for (const { id } of people) {
    const add = votes[id]
    if (add !== undefined) await run(voteForIssue, { projectId, issueId, add }, by(id))
  }
  return issueId
}

function cardOf(id: PersonId): { name: string; email: string } {
  const { name, email } = known(
    people.find((person) => person.id === id),
    id,
  )
  return { name, email }
}

function known<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`The demonstration in db/demo.ts speaks of "${name}" before it is there.`)
  return value
}
