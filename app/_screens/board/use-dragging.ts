'use client'
import {
  type DndContextProps,
  type DragEndEvent,
  type DragOverEvent,
  MouseSensor,
  TouchSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core'
import { useState } from 'react'
import { moveTo, type Order, type Spot, spotOf } from './order'
import type { Moves } from './use-moves'

/** Moving cards with the pointer. On a touch screen a card is lifted by holding it, so that the board still scrolls. */
export function useDragging(moves: Moves) {
  const [activeId, setActiveId] = useState<string | null>(null)
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 6 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 220, tolerance: 8 } }),
  )

  // Into another column the card moves at once; within a column the library shows the gap, and the end decides.
  const onDragOver = ({ active, over }: DragOverEvent) => {
    if (!over) return
    const id = String(active.id)
    const from = spotOf(moves.order, id)
    const to = spotOver(moves.order, String(over.id), isBelow({ active, over }))
    if (from && to && from.columnId !== to.columnId) moves.preview(moveTo(moves.order, id, to))
  }

  const onDragEnd = ({ active, over }: DragEndEvent) => {
    setActiveId(null)
    const id = String(active.id)
    const from = spotOf(moves.order, id)
    if (!over || !from) return moves.preview(null)
    const to = over.id === active.id ? from : (spotOver(moves.order, String(over.id), false) ?? from)
    void moves.commit(id, to)
  }

  const onDragCancel = () => {
    setActiveId(null)
    moves.preview(null)
  }

  const accessibility: NonNullable<DndContextProps['accessibility']> = {
    announcements: {
      onDragStart: ({ active }) => `Lifted. ${moves.spotWords(String(active.id), moves.order)}.`,
      onDragOver: ({ active }) => moves.spotWords(String(active.id), moves.order),
      // What came of it is said by the move itself.
      onDragEnd: () => undefined,
      onDragCancel: () => 'Move cancelled, the card is back in its place.',
    },
    screenReaderInstructions: { draggable: '' },
  }
  const handlers = {
    onDragStart: ({ active }: { active: { id: string | number } }) => setActiveId(String(active.id)),
    onDragOver,
    onDragEnd,
    onDragCancel,
  }
  return { activeId, sensors, accessibility, handlers }
}

/** The spot that what lies under the pointer stands for: a card's own, or the end of a column. */
function spotOver(order: Order, overId: string, isBehind: boolean): Spot | null {
  const ids = order[overId]
  if (ids !== undefined) return { columnId: overId, index: ids.length }
  const spot = spotOf(order, overId)
  return spot === null ? null : { ...spot, index: spot.index + (isBehind ? 1 : 0) }
}

function isBelow({ active, over }: Pick<DragOverEvent, 'active' | 'over'>): boolean {
  const lifted = active.rect.current.translated
  return lifted !== null && over !== null && lifted.top > over.rect.top + over.rect.height / 2
}
