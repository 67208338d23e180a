import { type CollisionDetection, closestCenter, closestCorners, pointerWithin } from '@dnd-kit/core'

/** The column under the pointer decides, then the card in it that is nearest: an empty column can be hit, too. */
export const columnUnderPointer: CollisionDetection = (args) => {
  const under = pointerWithin(args)
  const column = under.find(({ id }) => isColumn(args, id))
  if (column === undefined) return closestCorners(args)
  const cards = args.droppableContainers.filter(({ data }) => data.current?.columnId === column.id)
  const nearest = closestCenter({ ...args, droppableContainers: cards })
  return nearest.length > 0 ? nearest : [column]
}

function isColumn(args: Parameters<CollisionDetection>[0], id: string | number): boolean {
  return args.droppableContainers.find((container) => container.id === id)?.data.current?.isColumn === true
}
