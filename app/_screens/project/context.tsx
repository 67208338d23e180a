'use client'
import { createContext, type ReactNode, useContext } from 'react'
import { useSessionUser } from '@/app/_engine/provider'
import type { columns, labels, MemberRole, members, projects } from '@/db/schema'
import { columnsOf, labelsOf, membersOf, projectById } from '@/lib/queries/selects'
import { type LiveQueryResult, useLiveQuery } from '@/lib/sync/react'

type Project = typeof projects.$inferSelect
export type Member = typeof members.$inferSelect
export type Column = typeof columns.$inferSelect
export type Label = typeof labels.$inferSelect

/** What every screen of a project needs to name things and to know what its person may do. */
export interface ProjectView {
  readonly project: Project
  readonly members: readonly Member[]
  readonly columns: readonly Column[]
  readonly labels: readonly Label[]
  readonly myId: string
  readonly myRole: MemberRole
  /** Owners and editors. A courtesy of the interface: the database's policies decide. */
  readonly canEdit: boolean
  readonly isOwner: boolean
}

export type ProjectState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'ready'; readonly view: ProjectView }

/** A project with its people, columns and labels, from the local database. Null: nothing to ask yet. */
export function useProjectState(projectId: string | null): ProjectState {
  const { user } = useSessionUser()
  const ask = <Row,>(select: (id: string) => Row) => (projectId === null ? null : select(projectId))
  const input = { projectId: projectId ?? '' }
  const projects = useLiveQuery((db) => ask((id) => projectById(db, id)), { key: 'project', input })
  const members = useLiveQuery((db) => ask((id) => membersOf(db, id)), { key: 'project-members', input })
  const columns = useLiveQuery((db) => ask((id) => columnsOf(db, id)), { key: 'columns', input })
  const labels = useLiveQuery((db) => ask((id) => labelsOf(db, id)), { key: 'labels', input })
  const all: readonly LiveQueryResult<unknown>[] = [projects, members, columns, labels]
  const error = all.find((query) => query.error !== null)?.error
  if (error) return { kind: 'failed', error }
  if (projectId === null || user === null || all.some((query) => query.isLoading)) return { kind: 'loading' }
  const project = projects.rows[0]
  // What is missing from rows seen last may be in the database.
  if (project === undefined) return { kind: projects.isStale ? 'loading' : 'missing' }
  const myRole = members.rows.find((member) => member.userId === user.id)?.role ?? 'viewer'
  return {
    kind: 'ready',
    view: {
      project,
      members: members.rows,
      columns: columns.rows,
      labels: labels.rows,
      myId: user.id,
      myRole,
      canEdit: myRole !== 'viewer',
      isOwner: myRole === 'owner',
    },
  }
}

const ProjectContext = createContext<ProjectView | null>(null)

export function ProjectProvider({ view, children }: { view: ProjectView; children: ReactNode }) {
  return <ProjectContext.Provider value={view}>{children}</ProjectContext.Provider>
}

/** Throws outside a project: that would be a bug of the screen. */
export function useProject(): ProjectView {
  const view = useContext(ProjectContext)
  if (view === null) throw new Error('useProject() needs <ProjectProvider> above it.')
  return view
}

/** The name of a person in this project; somebody who has left has none here. */
export function personName(view: ProjectView, userId: string | null): string | null {
  if (userId === null) return null
  return view.members.find((member) => member.userId === userId)?.name ?? 'Former member'
}
