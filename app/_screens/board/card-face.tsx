'use client'
import { CircleCheck, GitBranch, MessageSquare, ThumbsUp } from 'lucide-react'
import type { ReactNode } from 'react'
import type { BoardIssue } from '@/lib/queries/selects'
import { Avatar } from '../../_components/avatar'
import { cx } from '../../_components/class-names'
import { LabelChip } from '../../_components/label-chip'
import { PriorityIcon } from '../../_components/priority'
import { personName, useProject } from '../project/context'
import { useBoard } from './context'

interface CardFaceProps {
  issue: BoardIssue
  /** The title, as a link where the card stands; plain text while it is dragged. */
  title?: ReactNode
  tools?: ReactNode
  isLifted?: boolean
  isOpen?: boolean
}

export function CardFace({ issue, title, tools, isLifted = false, isOpen = false }: CardFaceProps) {
  const view = useProject()
  const { details } = useBoard()
  const labels = details.labels.get(issue.id) ?? []
  const isDone = issue.completedAt !== null
  return (
    <div
      className={cx(
        'group/card relative rounded-lg border bg-surface px-3 pb-2.5 pt-2 transition-[border-color,box-shadow] duration-100',
        isLifted ? 'rotate-1 border-accent shadow-float' : 'shadow-card hover:border-line-strong/60',
        isOpen && !isLifted && 'border-accent',
      )}
    >
      <div className="flex h-6 items-center gap-1.5 text-xs text-faint">
        <span>
          {view.project.key}-{issue.number}
        </span>
        {isDone && <CircleCheck role="img" aria-label="Completed" className="size-3.5 text-good-ink" />}
        <span className="flex-1" />
        {tools}
      </div>
      <div className={cx('mt-0.5 text-sm font-medium wrap-anywhere', isDone && 'text-muted')}>
        {title ?? issue.title}
      </div>
      {labels.length > 0 && (
        <ul aria-label="Labels" className="mt-2 flex flex-wrap gap-1">
          {labels.map((label) => (
            <li key={label.id}>
              <LabelChip name={label.name} color={label.color} />
            </li>
          ))}
        </ul>
      )}
      <CardFoot issue={issue} />
    </div>
  )
}

function CardFoot({ issue }: { issue: BoardIssue }) {
  const view = useProject()
  const { details, families } = useBoard()
  const comments = details.commentCounts.get(issue.id) ?? 0
  const family = families.get(issue.id)
  const hasFacts = [issue.priority !== 'none', family, comments, issue.votes, issue.estimate !== null, issue.assigneeId]
  if (!hasFacts.some(Boolean)) return null
  return (
    <div className="mt-2 flex min-h-5 items-center gap-2.5 text-xs text-faint">
      {issue.priority !== 'none' && <PriorityIcon priority={issue.priority} isLabelled />}
      {family && (
        <Fact icon={<GitBranch aria-hidden />} words={`${family.done} of ${family.total} sub-issues completed`}>
          {family.done}/{family.total}
        </Fact>
      )}
      {comments > 0 && (
        <Fact icon={<MessageSquare aria-hidden />} words={comments === 1 ? '1 comment' : `${comments} comments`}>
          {comments}
        </Fact>
      )}
      {issue.votes > 0 && (
        <Fact icon={<ThumbsUp aria-hidden />} words={issue.votes === 1 ? '1 vote' : `${issue.votes} votes`}>
          {issue.votes}
        </Fact>
      )}
      {issue.estimate !== null && (
        <span title="Estimate" className="num rounded border px-1 text-2xs font-medium">
          {issue.estimate}
          <span className="sr-only"> points</span>
        </span>
      )}
      <span className="flex-1" />
      {issue.assigneeId !== null && (
        <Avatar size="xs" id={issue.assigneeId} name={personName(view, issue.assigneeId)} isLabelled />
      )}
    </div>
  )
}

function Fact({ icon, words, children }: { icon: ReactNode; words: string; children: ReactNode }) {
  return (
    <span title={words} className="num inline-flex items-center gap-1 [&_svg]:size-3.5">
      {icon}
      <span aria-hidden>{children}</span>
      <span className="sr-only">{words}</span>
    </span>
  )
}
