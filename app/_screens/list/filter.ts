/**
 * What a person asks the list for. It stands in the address (`?q=login&person=…`), so that it survives a reload and can
 * be shared, and becomes one select over the local database: no request, offline too.
 */
import { and, asc, desc, eq, exists, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import { columns, type IssuePriority, issueLabels, issuePriority, issues } from '@/db/schema'
import { cardFields } from '@/lib/queries/selects'
import type { LiveDb } from '@/lib/sync/react'
import type { Query } from '../route'

export const states = ['open', 'done', 'archived', 'all'] as const
export type IssueState = (typeof states)[number]

export const sorts = ['updated', 'created', 'number', 'priority'] as const
export type Sort = (typeof sorts)[number]

/** The value of `person` that asks for issues nobody has. */
export const nobody = 'nobody'

export interface Filter {
  readonly search: string
  readonly state: IssueState
  readonly columnId: string
  readonly person: string
  readonly priority: IssuePriority | ''
  readonly labelId: string
  readonly sort: Sort
}

/** An unknown value counts as none: an old or mistyped address still shows a list. */
export function filterOf(query: Query): Filter {
  return {
    search: query.q ?? '',
    state: oneOf(states, query.state) ?? 'open',
    columnId: uuidOf(query.column),
    person: query.person ?? '',
    priority: oneOf(issuePriority.enumValues, query.priority) ?? '',
    labelId: uuidOf(query.label),
    sort: oneOf(sorts, query.sort) ?? 'updated',
  }
}

/** Defaults are left out of the address. */
export function queryOf(filter: Filter): Query {
  return {
    q: filter.search,
    state: filter.state === 'open' ? '' : filter.state,
    column: filter.columnId,
    person: filter.person,
    priority: filter.priority,
    label: filter.labelId,
    sort: filter.sort === 'updated' ? '' : filter.sort,
  }
}

export function isFiltered({ search, columnId, person, priority, labelId, state }: Filter): boolean {
  return [search.trim(), columnId, person, priority, labelId].some((value) => value !== '') || state !== 'open'
}

/** More rows than this are never read: who needs them asks more precisely. */
export const rowsMax = 1000

export const filteredIssues = (db: LiveDb, projectId: string, filter: Filter) =>
  db
    .select({ ...cardFields, columnName: columns.name })
    .from(issues)
    .innerJoin(columns, eq(columns.id, issues.columnId))
    .where(and(eq(issues.projectId, projectId), stateCondition(filter.state), ...conditions(db, filter)))
    .orderBy(...orderings[filter.sort], asc(issues.id))
    .limit(rowsMax)

export type ListIssue = Awaited<ReturnType<typeof filteredIssues>>[number]

function stateCondition(state: IssueState): SQL | undefined {
  if (state === 'all') return undefined
  if (state === 'archived') return isNotNull(issues.archivedAt)
  return and(isNull(issues.archivedAt), state === 'done' ? isNotNull(issues.completedAt) : isNull(issues.completedAt))
}

function conditions(db: LiveDb, filter: Filter): (SQL | undefined)[] {
  const { columnId, person, priority, labelId } = filter
  const labelled = db
    .select({ one: sql`1` })
    .from(issueLabels)
    .where(and(eq(issueLabels.issueId, issues.id), eq(issueLabels.labelId, labelId)))
  return [
    ...searchConditions(filter.search),
    columnId === '' ? undefined : eq(issues.columnId, columnId),
    person === '' ? undefined : person === nobody ? isNull(issues.assigneeId) : eq(issues.assigneeId, person),
    priority === '' ? undefined : eq(issues.priority, priority),
    labelId === '' ? undefined : exists(labelled),
  ]
}

/**
 * Every word must be found: in the title, in the description, or as the number. Text columns are bytewise, where ILIKE
 * knows ASCII only; under `pg_c_utf8` it finds "ÜBER" for "über" as well.
 */
function searchConditions(search: string): SQL[] {
  return search
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => {
      const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`
      const number = word.match(/^(?:[a-z][a-z0-9]*-|#)?(\d{1,9})$/i)?.[1]
      const inText = sql`(${issues.title} || ' ' || ${issues.description}) collate pg_c_utf8 ilike ${pattern}`
      return number === undefined ? inText : sql`(${inText} or ${issues.number} = ${Number(number)})`
    })
}

const orderings: Readonly<Record<Sort, readonly SQL[]>> = {
  updated: [desc(issues.updatedAt)],
  created: [desc(issues.createdAt)],
  number: [desc(issues.number)],
  priority: [desc(issues.priority), desc(issues.updatedAt)],
}

function oneOf<Value extends string>(values: readonly Value[], value: string | undefined): Value | null {
  return values.find((known) => known === value) ?? null
}

function uuidOf(value: string | undefined): string {
  return value !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? value : ''
}
