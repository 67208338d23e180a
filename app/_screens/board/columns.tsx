'use client'
import { DndContext, DragOverlay, MeasuringStrategy } from '@dnd-kit/core'
import { useMemo } from 'react'
import { boardIssues } from '@/lib/queries/selects'
import { useLiveQuery } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { EmptyState, ErrorState, Skeleton } from '../../_components/states'
import { useProject } from '../project/context'
import { AddColumn } from './add-column'
import { CardFace } from './card-face'
import { columnUnderPointer } from './collision'
import { BoardColumn } from './column'
import { BoardState, familiesOf } from './context'
import { useCardDetails } from './use-card-details'
import { useDragging } from './use-dragging'
import { useKeyboardMoves } from './use-keyboard-moves'
import { useMoves } from './use-moves'

/** On a phone the next column comes into reach without running past it. */
const gentleScroll = { acceleration: 5, threshold: { x: 0.12, y: 0.15 } }

/** The board: columns of cards that can be moved with the pointer, the keyboard, or the menu of a card. */
export function Board({ openIssueId }: { openIssueId: string | null }) {
  const view = useProject()
  const { project, columns, canEdit } = view
  const issues = useLiveQuery((db) => boardIssues(db, project.id), {
    key: 'board',
    input: { projectId: project.id },
  })
  const details = useCardDetails(project.id)
  const moves = useMoves(view, issues.rows)
  const drag = useDragging(moves)
  const keyboard = useKeyboardMoves(moves)
  const families = useMemo(() => familiesOf(issues.rows), [issues.rows])
  const issuesById = useMemo(() => new Map(issues.rows.map((issue) => [issue.id, issue])), [issues.rows])

  if (issues.error) return <ErrorState title="The board could not be read" error={issues.error} />
  if (issues.isLoading) return <BoardSkeleton />
  if (columns.length === 0) return <NoColumns canEdit={canEdit} />

  const dragged = drag.activeId === null ? undefined : issuesById.get(drag.activeId)
  return (
    <BoardState.Provider value={{ moves, keyboard, issuesById, families, details, openIssueId }}>
      <DndContext
        id="board"
        sensors={drag.sensors}
        collisionDetection={columnUnderPointer}
        measuring={{ droppable: { strategy: MeasuringStrategy.Always } }}
        autoScroll={gentleScroll}
        accessibility={drag.accessibility}
        {...drag.handlers}
      >
        <div className="scroll-quiet relative flex min-h-0 flex-1 snap-x snap-mandatory scroll-px-4 gap-3 overflow-x-auto overscroll-x-contain p-4 md:snap-none md:px-6">
          {columns.map((column) => (
            <BoardColumn key={column.id} column={column} ids={moves.order[column.id] ?? []} />
          ))}
          {canEdit && <AddColumn />}
        </div>
        <DragOverlay dropAnimation={null}>{dragged && <CardFace issue={dragged} isLifted />}</DragOverlay>
      </DndContext>
      <p id="board-keys" className="sr-only">
        Press Space to lift the card, the arrow keys to move it, Space again to put it down, Escape to put it back.
      </p>
    </BoardState.Provider>
  )
}

function NoColumns({ canEdit }: { canEdit: boolean }) {
  return (
    <EmptyState title="This board has no columns" className="my-auto">
      {canEdit ? <AddColumn /> : <Button disabled>Ask an editor to add one</Button>}
    </EmptyState>
  )
}

function BoardSkeleton() {
  return (
    <div role="status" aria-label="Loading board" className="flex gap-3 overflow-hidden p-4 md:px-6">
      {[4, 2, 3].map((cards) => (
        <div key={cards} className="flex w-72 shrink-0 flex-col gap-2">
          <Skeleton className="mb-2 h-6 w-24" />
          {Array.from({ length: cards }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: these cards have no identity.
            <Skeleton key={index} className="h-20" />
          ))}
        </div>
      ))}
    </div>
  )
}
