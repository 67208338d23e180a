'use client'
import { FolderKanban, Plus } from 'lucide-react'
import { useState } from 'react'
import { allMembers, allProjects } from '@/lib/queries/selects'
import { useLiveQuery, useSyncStatus } from '@/lib/sync/react'
import { Avatar } from '../../_components/avatar'
import { Button } from '../../_components/button'
import { ProjectTile } from '../../_components/project-tile'
import { EmptyState, ErrorState, LoadingRows } from '../../_components/states'
import { Link } from '../navigation'
import { ScreenBody, ScreenHeader } from '../screen-header'
import { useScreenTitle } from '../screen-title'
import { CreateProjectDialog } from './create-project-dialog'

export function ProjectsScreen() {
  useScreenTitle('Projects')
  const [isCreating, setCreating] = useState(false)
  const newProject = (
    <Button look="primary" onClick={() => setCreating(true)}>
      <Plus aria-hidden className="size-4" />
      New project
    </Button>
  )
  return (
    <>
      <ScreenHeader title="Projects" actions={newProject} />
      <ScreenBody>
        <ProjectCards onCreate={() => setCreating(true)} />
      </ScreenBody>
      <CreateProjectDialog isOpen={isCreating} onClose={() => setCreating(false)} />
    </>
  )
}

function ProjectCards({ onCreate }: { onCreate: () => void }) {
  const projects = useLiveQuery(allProjects, { key: 'projects', input: {} })
  const members = useLiveQuery(allMembers, { key: 'members', input: {} })
  const status = useSyncStatus()
  const isWaiting = projects.isLoading || projects.isStale || status.kind === 'starting' || status.kind === 'loading'

  if (projects.error) return <ErrorState title="The projects could not be read" error={projects.error} />
  if (projects.rows.length === 0 && isWaiting) return <LoadingRows label="Loading projects" />
  if (projects.rows.length === 0) {
    return (
      <EmptyState
        icon={<FolderKanban aria-hidden />}
        title="No projects yet"
        action={
          <Button look="primary" onClick={onCreate}>
            Create your first project
          </Button>
        }
      >
        A project is a board with issues and the people who work on them. It works without a network, too.
      </EmptyState>
    )
  }
  return (
    <ul className="grid gap-3 p-4 sm:grid-cols-2 md:p-6 xl:grid-cols-3">
      {projects.rows.map((project) => (
        <ProjectCard
          key={project.id}
          project={project}
          people={members.rows.filter((member) => member.projectId === project.id)}
        />
      ))}
    </ul>
  )
}

type ProjectRow = Awaited<ReturnType<typeof allProjects>>[number]
type MemberRow = Awaited<ReturnType<typeof allMembers>>[number]

function ProjectCard({ project, people }: { project: ProjectRow; people: readonly MemberRow[] }) {
  const total = project.openCount + project.doneCount
  const share = total === 0 ? 0 : project.doneCount / total
  return (
    <li>
      <Link
        to={{ screen: 'project', projectId: project.id, view: 'board' }}
        className="group flex h-full flex-col gap-4 rounded-xl border bg-surface p-4 shadow-card transition-[border-color,box-shadow] duration-100 hover:border-line-strong/60 hover:shadow-lift"
      >
        <div className="flex items-center gap-3">
          <ProjectTile id={project.id} projectKey={project.key} />
          <div className="min-w-0 flex-1">
            <h2 className="truncate text-base font-semibold">{project.name}</h2>
            <p className="num truncate text-sm text-muted">
              {project.openCount} open · {project.doneCount} done
            </p>
          </div>
        </div>
        <div className="mt-auto flex items-center justify-between gap-4">
          <People people={people} />
          <div aria-hidden className="h-1 w-24 overflow-hidden rounded-full bg-pressed">
            <div className="h-full rounded-full bg-accent" style={{ width: `${share * 100}%` }} />
          </div>
        </div>
      </Link>
    </li>
  )
}

function People({ people }: { people: readonly MemberRow[] }) {
  const shown = people.slice(0, 4)
  return (
    <span className="flex items-center -space-x-1.5">
      {shown.map((person) => (
        <span key={person.userId} className="rounded-full ring-2 ring-surface">
          <Avatar name={person.name} id={person.userId} isLabelled />
        </span>
      ))}
      {people.length > shown.length && (
        <span className="num pl-3 text-xs text-muted">
          +{people.length - shown.length}
          <span className="sr-only"> more people</span>
        </span>
      )}
    </span>
  )
}
