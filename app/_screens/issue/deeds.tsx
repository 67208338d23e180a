'use client'
import { eq } from 'drizzle-orm'
import { CircleCheck, Hand, RotateCcw, Star, ThumbsUp } from 'lucide-react'
import { focusItems } from '@/db/schema'
import { addFocus, removeFocus } from '@/lib/actions'
import type { IssueDetail } from '@/lib/queries/selects'
import { useAction, useLiveQuery } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { cx } from '../../_components/class-names'
import { useProject } from '../project/context'
import { useRun } from '../use-run'
import { useIssueActions } from './use-issue-actions'

/** What people do most with an issue, each in one press. */
export function IssueDeeds({ detail }: { detail: IssueDetail }) {
  const { issue, votes } = detail
  const { canEdit } = useProject()
  const { claim, complete, reopen, vote } = useIssueActions(issue)
  const isOnBoard = canEdit && issue.archivedAt === null
  return (
    <div className="mt-4 flex flex-wrap items-center gap-2">
      {isOnBoard && issue.assigneeId === null && (
        <Button size="sm" onClick={claim}>
          <Hand aria-hidden className="size-4" />
          Claim
        </Button>
      )}
      {isOnBoard &&
        (issue.completedAt === null ? (
          <Button size="sm" onClick={complete}>
            <CircleCheck aria-hidden className="size-4" />
            Complete
          </Button>
        ) : (
          <Button size="sm" onClick={reopen}>
            <RotateCcw aria-hidden className="size-4" />
            Reopen
          </Button>
        ))}
      <FocusToggle detail={detail} />
      <span className="inline-flex">
        <Button size="sm" className="num rounded-r-none" onClick={() => vote(1)}>
          <ThumbsUp aria-hidden className="size-4" />
          <span aria-hidden>{votes}</span>
          <span className="sr-only">Vote: {votes} so far</span>
        </Button>
        <Button
          size="sm"
          aria-label="Take back a vote"
          title="Take back a vote"
          disabled={votes === 0}
          className="-ml-px rounded-l-none px-2"
          onClick={() => vote(-1)}
        >
          −
        </Button>
      </span>
    </div>
  )
}

function FocusToggle({ detail }: { detail: IssueDetail }) {
  const { id, projectId } = detail.issue
  const mine = useLiveQuery((db) =>
    db.select({ issueId: focusItems.issueId }).from(focusItems).where(eq(focusItems.issueId, id)).limit(1),
  )
  const add = useAction(addFocus)
  const remove = useAction(removeFocus)
  const run = useRun()
  const isOn = mine.rows.length > 0
  const toggle = () =>
    isOn
      ? run(() => remove({ issueId: id }), 'Taken off your focus list')
      : run(() => add({ projectId, issueId: id }), 'On your focus list')
  return (
    <Button size="sm" aria-pressed={isOn} onClick={() => void toggle()}>
      <Star aria-hidden className={cx('size-4', isOn && 'fill-warn text-warn')} />
      {isOn ? 'In focus' : 'Focus'}
    </Button>
  )
}
