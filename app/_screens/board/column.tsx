'use client'
import { useDroppable } from '@dnd-kit/core'
import { SortableContext, verticalListSortingStrategy } from '@dnd-kit/sortable'
import { Lock } from 'lucide-react'
import { useId, useState } from 'react'
import { Button } from '../../_components/button'
import { cx } from '../../_components/class-names'
import { clockWords } from '../../_components/time'
import { type Column, useProject } from '../project/context'
import { AddIssue } from './add-issue'
import { ColumnMenu } from './column-menu'
import { useBoard } from './context'
import { IssueCard } from './issue-card'

/** More cards than this are shown on demand: a board is for what goes on, the list for everything. */
const cardsShownMax = 60

export function BoardColumn({ column, ids }: { column: Column; ids: readonly string[] }) {
  const { canEdit } = useProject()
  const { issuesById } = useBoard()
  const [isAll, setAll] = useState(false)
  const headingId = useId()
  const { setNodeRef, isOver } = useDroppable({ id: column.id, data: { isColumn: true } })
  const shown = isAll ? ids : ids.slice(0, cardsShownMax)
  return (
    <section
      ref={setNodeRef}
      aria-labelledby={headingId}
      className={cx(
        'relative flex max-h-full w-[min(20rem,84vw)] shrink-0 snap-start flex-col self-start rounded-xl border bg-sunken transition-colors duration-100 md:w-72',
        isOver && 'border-accent/50',
      )}
    >
      <ColumnHead column={column} count={ids.length} headingId={headingId} />
      <SortableContext items={[...shown]} strategy={verticalListSortingStrategy}>
        <ul
          aria-labelledby={headingId}
          className="scroll-quiet relative flex min-h-2 flex-col gap-2 overflow-y-auto px-2 pb-2"
        >
          {shown.map((id) => {
            const issue = issuesById.get(id)
            return issue && <IssueCard key={id} issue={issue} columnId={column.id} />
          })}
        </ul>
      </SortableContext>
      {shown.length < ids.length && (
        <Button look="ghost" size="sm" className="mx-2 mb-2" onClick={() => setAll(true)}>
          Show {ids.length - shown.length} more
        </Button>
      )}
      {canEdit && column.closedAt === null && <AddIssue column={column} />}
      {column.closedAt !== null && <ClosedNote column={column} />}
    </section>
  )
}

function ColumnHead({ column, count, headingId }: { column: Column; count: number; headingId: string }) {
  const { canEdit } = useProject()
  const { issueLimit } = column
  const isFull = issueLimit !== null && count >= issueLimit
  return (
    <header className="flex min-h-11 items-center gap-2 pl-3 pr-1.5">
      {column.closedAt !== null && <Lock aria-hidden className="size-3.5 shrink-0 text-muted" />}
      <h2 id={headingId} className="min-w-0 truncate text-sm font-semibold">
        {column.name}
      </h2>
      <span className={cx('num text-xs', isFull ? 'font-semibold text-warn-ink' : 'text-faint')}>
        <span aria-hidden>{issueLimit === null ? count : `${count} / ${issueLimit}`}</span>
        <span className="sr-only">
          {count === 1 ? '1 issue' : `${count} issues`}
          {issueLimit !== null && `, limit ${issueLimit}`}
        </span>
      </span>
      <span className="flex-1" />
      {canEdit && <ColumnMenu column={column} count={count} />}
    </header>
  )
}

function ClosedNote({ column }: { column: Column }) {
  const when = column.closedAt === null ? '' : `, ${clockWords(column.closedAt.getTime(), Date.now())}`
  return (
    <p className="border-t px-3 py-2 text-xs text-faint">
      Closed{column.closedByName && ` by ${column.closedByName}`}
      {when}. It takes no more issues.
    </p>
  )
}
