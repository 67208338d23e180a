'use client'
import { useSortable } from '@dnd-kit/sortable'
import { CSS } from '@dnd-kit/utilities'
import { GripVertical } from 'lucide-react'
import type { BoardIssue } from '@/lib/queries/selects'
import { cx } from '../../_components/class-names'
import { Link } from '../navigation'
import { useProject } from '../project/context'
import { CardFace } from './card-face'
import { CardMenu } from './card-menu'
import { useBoard } from './context'
import { handleId } from './use-keyboard-moves'

interface IssueCardProps {
  issue: BoardIssue
  /** Where it is shown; while it is moved not where it is. */
  columnId: string
}

export function IssueCard({ issue, columnId }: IssueCardProps) {
  const { project, canEdit } = useProject()
  const { keyboard, openIssueId } = useBoard()
  const sortable = useSortable({ id: issue.id, data: { columnId }, disabled: !canEdit })
  const isLifted = keyboard.liftedId === issue.id
  const style = { transform: CSS.Translate.toString(sortable.transform), transition: sortable.transition }
  return (
    <li
      ref={sortable.setNodeRef}
      style={style}
      {...sortable.listeners}
      data-issue={issue.id}
      className={cx('touch-manipulation', sortable.isDragging && 'opacity-40')}
    >
      <CardFace
        issue={issue}
        isLifted={isLifted}
        isOpen={openIssueId === issue.id}
        title={
          <Link
            to={{ screen: 'project', projectId: project.id, view: 'board' }}
            query={{ issue: issue.id }}
            draggable={false}
            aria-current={openIssueId === issue.id ? 'true' : undefined}
            className="after:absolute after:inset-0 after:rounded-lg focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-offset-1 focus-visible:after:outline-accent"
          >
            {issue.title}
          </Link>
        }
        tools={canEdit && <CardTools issue={issue} isLifted={isLifted} />}
      />
    </li>
  )
}

function CardTools({ issue, isLifted }: { issue: BoardIssue; isLifted: boolean }) {
  const { project } = useProject()
  const { keyboard } = useBoard()
  const name = `${project.key}-${issue.number}`
  return (
    <span
      className={cx(
        'relative z-10 -mr-1.5 flex items-center transition-opacity duration-100',
        'pointer-fine:opacity-0 group-hover/card:opacity-100 group-focus-within/card:opacity-100 has-data-popup-open:opacity-100',
      )}
    >
      <button
        id={handleId(issue.id)}
        type="button"
        aria-label={`Move ${name} with the arrow keys`}
        aria-describedby="board-keys"
        aria-pressed={isLifted}
        title="Move: Space, then arrow keys"
        onKeyDown={(event) => keyboard.onKeyDown(event, issue.id)}
        onBlur={(event) => keyboard.onBlur(event.relatedTarget !== null)}
        className="inline-flex size-6 cursor-grab items-center justify-center rounded-md text-faint hover:bg-hover hover:text-ink aria-pressed:bg-accent-soft aria-pressed:text-accent-ink pointer-coarse:hidden"
      >
        <GripVertical aria-hidden className="size-3.5" />
      </button>
      <CardMenu issue={issue} name={name} />
    </span>
  )
}
