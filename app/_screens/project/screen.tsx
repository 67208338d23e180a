'use client'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../_components/button'
import { cx } from '../../_components/class-names'
import { ProjectTile } from '../../_components/project-tile'
import { Board } from '../board/columns'
import { CreateIssueDialog } from '../issue/create-issue-dialog'
import { IssuePanel } from '../issue/panel'
import { IssueList } from '../list/issue-list'
import { Link } from '../navigation'
import { People } from '../people/list'
import type { Query, ProjectView as View } from '../route'
import { ScreenHeader } from '../screen-header'
import { useScreenTitle } from '../screen-title'
import { useProject, useProjectState } from './context'
import { ProjectGate } from './gate'
import { ProjectSetup } from './setup'

interface ProjectScreenProps {
  projectId: string
  view: View
  query: Query
}

/** A project: its board, its list, its people and its setup, and beside them the issue that is looked at. */
export function ProjectScreen({ projectId, view, query }: ProjectScreenProps) {
  const state = useProjectState(projectId)
  const issueId = query.issue ?? null
  return (
    <ProjectGate state={state}>
      <div className="flex min-h-0 flex-1">
        <div className="flex min-w-0 flex-1 flex-col">
          <ProjectHeader view={view} />
          <ViewOf view={view} query={query} />
        </div>
        {issueId !== null && <IssuePanel key={issueId} issueId={issueId} />}
      </div>
    </ProjectGate>
  )
}

function ViewOf({ view, query }: { view: View; query: Query }) {
  switch (view) {
    case 'board':
      return <Board openIssueId={query.issue ?? null} />
    case 'list':
      return <IssueList query={query} />
    case 'people':
      return <People />
    case 'setup':
      return <ProjectSetup />
  }
}

const tabs: readonly { readonly view: View; readonly label: string }[] = [
  { view: 'board', label: 'Board' },
  { view: 'list', label: 'List' },
  { view: 'people', label: 'People' },
  { view: 'setup', label: 'Setup' },
]

function ProjectHeader({ view }: { view: View }) {
  const { project, canEdit } = useProject()
  const [isCreating, setCreating] = useState(false)
  useScreenTitle(`${project.name}, ${view}`)
  return (
    <ScreenHeader
      icon={<ProjectTile id={project.id} projectKey={project.key} size="sm" />}
      title={project.name}
      actions={
        canEdit && (
          <Button look="primary" size="sm" onClick={() => setCreating(true)}>
            <Plus aria-hidden className="size-4" />
            New issue
          </Button>
        )
      }
    >
      <nav aria-label="Views of this project" className="-mb-px flex gap-5">
        {tabs.map((tab) => (
          <Link
            key={tab.view}
            to={{ screen: 'project', projectId: project.id, view: tab.view }}
            aria-current={tab.view === view ? 'page' : undefined}
            className={cx(
              'rounded-t border-b-2 pb-2 pt-0.5 text-sm font-medium transition-colors duration-100 pointer-coarse:pb-2.5 pointer-coarse:pt-2',
              tab.view === view ? 'border-accent text-ink' : 'border-transparent text-muted hover:text-ink',
            )}
          >
            {tab.label}
          </Link>
        ))}
      </nav>
      <CreateIssueDialog isOpen={isCreating} onClose={() => setCreating(false)} />
    </ScreenHeader>
  )
}
