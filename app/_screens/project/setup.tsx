'use client'
import { Lock, Plus } from 'lucide-react'
import { type FormEvent, type ReactNode, useState } from 'react'
import { renameProject } from '@/lib/actions'
import { boardIssues } from '@/lib/queries/selects'
import { useAction, useLiveQuery } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { inputClass } from '../../_components/field'
import { LabelChip } from '../../_components/label-chip'
import { ColumnDialog } from '../board/column-dialog'
import { ColumnMenu } from '../board/column-menu'
import { CreateLabelDialog } from '../issue/create-label-dialog'
import { ScreenBody } from '../screen-header'
import { useRun } from '../use-run'
import { useProject } from './context'

/** The project's name, its columns and its labels. */
export function ProjectSetup() {
  const { isOwner, canEdit, project } = useProject()
  return (
    <ScreenBody className="px-4 py-5 md:px-6">
      <div className="mx-auto flex max-w-2xl flex-col gap-8">
        <Section title="Name">
          {isOwner ? <NameForm key={project.name} /> : <p className="text-base">{project.name}</p>}
        </Section>
        <Columns />
        <Labels />
        {!canEdit && <p className="text-sm text-muted">You take part as a viewer: owners and editors change these.</p>}
      </div>
    </ScreenBody>
  )
}

function Section({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <div className="mb-2 flex min-h-8 items-center justify-between">
        <h2 className="text-sm font-semibold text-muted">{title}</h2>
        {action}
      </div>
      {children}
    </section>
  )
}

function NameForm() {
  const { project } = useProject()
  const rename = useAction(renameProject)
  const run = useRun()
  const [name, setName] = useState(project.name)
  const isChanged = name.trim() !== '' && name.trim() !== project.name
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isChanged) void run(() => rename({ projectId: project.id, name }), 'Project renamed')
  }
  return (
    <form onSubmit={submit} className="flex gap-2">
      <input
        aria-label="Name of the project"
        value={name}
        maxLength={100}
        onChange={(event) => setName(event.target.value)}
        className={`${inputClass} h-9 min-w-0 flex-1 pointer-coarse:h-11`}
      />
      <Button type="submit" disabled={!isChanged} className="pointer-coarse:h-11">
        Rename
      </Button>
    </form>
  )
}

function Columns() {
  const { project, columns, canEdit } = useProject()
  const issues = useLiveQuery((db) => boardIssues(db, project.id)).rows
  const [isAdding, setAdding] = useState(false)
  return (
    <Section title="Columns" action={canEdit && <AddButton onClick={() => setAdding(true)}>Add column</AddButton>}>
      <ul className="divide-y rounded-xl border bg-surface shadow-card">
        {columns.map((column) => {
          const count = issues.filter((issue) => issue.columnId === column.id).length
          const limit = column.issueLimit === null ? '' : ` of at most ${column.issueLimit}`
          return (
            <li key={column.id} className="flex min-h-12 items-center gap-2 py-1.5 pl-4 pr-2 text-sm">
              {column.closedAt !== null && <Lock role="img" aria-label="Closed" className="size-3.5 text-muted" />}
              <span className="min-w-0 truncate font-medium">{column.name}</span>
              {column.isDone && <span className="text-xs text-faint">completes issues</span>}
              <span className="num ml-auto text-xs text-faint">
                {count}
                {limit} {count === 1 ? 'issue' : 'issues'}
              </span>
              {canEdit && <ColumnMenu column={column} count={count} />}
            </li>
          )
        })}
      </ul>
      <ColumnDialog column={null} isOpen={isAdding} onClose={() => setAdding(false)} />
    </Section>
  )
}

function Labels() {
  const { labels, canEdit } = useProject()
  const [isAdding, setAdding] = useState(false)
  return (
    <Section title="Labels" action={canEdit && <AddButton onClick={() => setAdding(true)}>New label</AddButton>}>
      {labels.length === 0 ? (
        <p className="text-sm text-muted">No labels yet. They group issues across columns.</p>
      ) : (
        <ul className="flex flex-wrap gap-1.5">
          {labels.map((label) => (
            <li key={label.id}>
              <LabelChip name={label.name} color={label.color} />
            </li>
          ))}
        </ul>
      )}
      <CreateLabelDialog isOpen={isAdding} onClose={() => setAdding(false)} />
    </Section>
  )
}

function AddButton({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <Button look="ghost" size="sm" onClick={onClick}>
      <Plus aria-hidden className="size-4" />
      {children}
    </Button>
  )
}
