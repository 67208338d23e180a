'use client'
import { useState } from 'react'
import { type BoardIssue, boardIssues } from '@/lib/queries/selects'
import { useLiveQuery } from '@/lib/sync/react'
import { Dialog } from '../../_components/dialog'
import { TextField } from '../../_components/field'
import { useProject } from '../project/context'

interface IssuePickerDialogProps {
  isOpen: boolean
  onClose: () => void
  title: string
  isOffered: (issue: BoardIssue) => boolean
  onPick: (issueId: string) => void
}

const offeredMax = 50

/** One issue of the project, found by number or title. */
export function IssuePickerDialog(props: IssuePickerDialogProps) {
  return (
    <Dialog isOpen={props.isOpen} onClose={props.onClose} title={props.title}>
      <Picker {...props} />
    </Dialog>
  )
}

function Picker({ isOffered, onPick }: IssuePickerDialogProps) {
  const { project } = useProject()
  const { rows } = useLiveQuery((db) => boardIssues(db, project.id))
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLocaleLowerCase()
  const found = rows
    .filter(isOffered)
    .filter((issue) => `${project.key}-${issue.number} ${issue.title}`.toLocaleLowerCase().includes(wanted))
    .slice(0, offeredMax)
  return (
    <>
      <TextField
        label="Find an issue"
        isLabelHidden
        placeholder="Number or title"
        value={search}
        autoComplete="off"
        onChange={(event) => setSearch(event.target.value)}
      />
      <ul className="mt-2 flex max-h-72 flex-col overflow-y-auto">
        {found.map((issue) => (
          <li key={issue.id}>
            <button
              type="button"
              onClick={() => onPick(issue.id)}
              className="flex w-full items-baseline gap-2 rounded-lg px-2 py-2 text-left text-sm hover:bg-hover focus-visible:-outline-offset-2"
            >
              <span className="shrink-0 text-faint">
                {project.key}-{issue.number}
              </span>
              <span className="min-w-0 flex-1 truncate">{issue.title}</span>
            </button>
          </li>
        ))}
      </ul>
      <p aria-live="polite" className={found.length === 0 ? 'py-4 text-center text-sm text-muted' : 'sr-only'}>
        {found.length === 0 ? 'No issue fits.' : `${found.length} issues fit.`}
      </p>
    </>
  )
}
