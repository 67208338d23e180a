'use client'
import { Circle, CircleCheck } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { createIssue } from '@/lib/actions'
import { childrenOf } from '@/lib/queries/selects'
import { useAction, useLiveQuery } from '@/lib/sync/react'
import { Avatar } from '../../_components/avatar'
import { Button } from '../../_components/button'
import { inputClass } from '../../_components/field'
import { Link } from '../navigation'
import { personName, useProject } from '../project/context'
import { useRun } from '../use-run'
import type { Issue } from './use-issue-actions'

/** Parts of an issue, all of which must be completed before it. One generation deep. */
export function Children({ issue }: { issue: Issue }) {
  const view = useProject()
  const { rows } = useLiveQuery((db) => childrenOf(db, issue.id))
  const done = rows.filter((child) => child.completedAt !== null).length
  if (rows.length === 0 && !view.canEdit) return null
  return (
    <section aria-labelledby={`children-${issue.id}`}>
      <h2 id={`children-${issue.id}`} className="mb-2 flex items-baseline gap-2 text-sm font-semibold">
        Sub-issues
        {rows.length > 0 && (
          <span className="num text-xs font-normal text-faint">
            {done} of {rows.length} completed
          </span>
        )}
      </h2>
      {rows.length > 0 && (
        <ul className="mb-2 divide-y rounded-lg border">
          {rows.map((child) => (
            <li key={child.id}>
              <Link
                to={{ screen: 'issue', issueId: child.id }}
                className="flex items-center gap-2 px-3 py-2 text-sm -outline-offset-2 hover:bg-hover"
              >
                {child.completedAt === null ? (
                  <Circle role="img" aria-label="Open" className="size-4 shrink-0 text-faint" />
                ) : (
                  <CircleCheck role="img" aria-label="Completed" className="size-4 shrink-0 text-good-ink" />
                )}
                <span className="shrink-0 text-xs text-faint">
                  {view.project.key}-{child.number}
                </span>
                <span className="min-w-0 flex-1 truncate">{child.title}</span>
                {child.assigneeId !== null && (
                  <Avatar size="xs" id={child.assigneeId} name={personName(view, child.assigneeId)} isLabelled />
                )}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {view.canEdit && issue.completedAt === null && <AddChild issue={issue} />}
    </section>
  )
}

function AddChild({ issue }: { issue: Issue }) {
  const { project } = useProject()
  const create = useAction(createIssue)
  const run = useRun()
  const [title, setTitle] = useState('')
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (title.trim() === '') return
    const child = { projectId: project.id, columnId: issue.columnId, parentId: issue.id, title }
    setTitle('')
    const result = await run(
      () => create(child),
      ({ number }) => `${project.key}-${number} created`,
    )
    if (result.kind === 'not-done') setTitle(title)
  }
  return (
    <form onSubmit={submit} className="flex gap-2">
      <input
        aria-label="Title of a new sub-issue"
        placeholder="Add a sub-issue"
        value={title}
        maxLength={200}
        onChange={(event) => setTitle(event.target.value)}
        className={`${inputClass} h-8 min-w-0 flex-1 text-sm pointer-coarse:h-10`}
      />
      {title.trim() !== '' && (
        <Button type="submit" size="sm" className="pointer-coarse:h-10">
          Add
        </Button>
      )}
    </form>
  )
}
