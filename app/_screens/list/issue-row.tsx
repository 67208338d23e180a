'use client'
import { CircleCheck } from 'lucide-react'
import type { CSSProperties } from 'react'
import { Avatar } from '../../_components/avatar'
import { cx } from '../../_components/class-names'
import { LabelChip } from '../../_components/label-chip'
import { Ago } from '../../_components/moment'
import { PriorityIcon } from '../../_components/priority'
import type { CardLabel } from '../board/use-card-details'
import { Link } from '../navigation'
import { personName, useProject } from '../project/context'
import type { Query } from '../route'
import type { ListIssue } from './filter'

interface IssueRowProps {
  issue: ListIssue
  labels: readonly CardLabel[]
  query: Query
  isOpen: boolean
  /** Where it stands in the whole list, most of which is not in the page. */
  place: { position: number; count: number }
  style: CSSProperties
}

export function IssueRow({ issue, labels, query, isOpen, place, style }: IssueRowProps) {
  const view = useProject()
  const isDone = issue.completedAt !== null
  return (
    <li
      data-issue={issue.id}
      aria-posinset={place.position}
      aria-setsize={place.count}
      style={style}
      className="absolute inset-x-0 top-0 border-b"
    >
      <Link
        to={{ screen: 'project', projectId: view.project.id, view: 'list' }}
        query={query}
        aria-current={isOpen ? 'true' : undefined}
        className={cx(
          'flex h-full items-center gap-3 px-4 text-sm -outline-offset-2 hover:bg-hover md:px-6',
          isOpen && 'bg-accent-soft',
        )}
      >
        <PriorityIcon priority={issue.priority} isLabelled />
        <span className="w-16 shrink-0 truncate text-xs text-faint max-sm:w-14">
          {view.project.key}-{issue.number}
        </span>
        {isDone && <CircleCheck role="img" aria-label="Completed" className="size-4 shrink-0 text-good-ink" />}
        <span className={cx('min-w-0 flex-1 truncate font-medium', isDone && 'text-muted')}>{issue.title}</span>
        <span className="hidden shrink-0 items-center gap-1 xl:flex">
          {labels.slice(0, 3).map((label) => (
            <LabelChip key={label.id} name={label.name} color={label.color} />
          ))}
        </span>
        <span className="hidden w-24 shrink-0 truncate text-xs text-muted md:block">{issue.columnName}</span>
        <Ago
          at={issue.updatedAt}
          className="num hidden w-20 shrink-0 truncate text-right text-xs text-faint lg:block"
        />
        <Avatar id={issue.assigneeId} name={personName(view, issue.assigneeId)} size="sm" isLabelled />
      </Link>
    </li>
  )
}
