/**
 * Who stands where on the board: ids of issues, column by column, in order. Pure, so that the pointer, the keyboard and
 * the menu move a card in the same way.
 */
export type Order = Readonly<Record<string, readonly string[]>>

export interface Spot {
  readonly columnId: string
  readonly index: number
}

export type Direction = 'up' | 'down' | 'left' | 'right'

export function spotOf(order: Order, issueId: string): Spot | null {
  for (const [columnId, ids] of Object.entries(order)) {
    const index = ids.indexOf(issueId)
    if (index !== -1) return { columnId, index }
  }
  return null
}

/** The order with one issue at another spot. An index beyond the end means the end. */
export function moveTo(order: Order, issueId: string, to: Spot): Order {
  const from = spotOf(order, issueId)
  const target = order[to.columnId]
  if (from === null || target === undefined) return order
  const without = target.filter((id) => id !== issueId)
  const moved = [...without.slice(0, to.index), issueId, ...without.slice(to.index)]
  const left = from.columnId === to.columnId ? {} : { [from.columnId]: withoutIssue(order, from.columnId, issueId) }
  return { ...order, ...left, [to.columnId]: moved }
}

function withoutIssue(order: Order, columnId: string, issueId: string): readonly string[] {
  return (order[columnId] ?? []).filter((id) => id !== issueId)
}

/** Where an arrow key takes an issue; null at the edge of the board. Sideways it keeps its height where it can. */
export function neighbour(
  order: Order,
  columnIds: readonly string[],
  move: { issueId: string; to: Direction },
): Spot | null {
  const from = spotOf(order, move.issueId)
  if (from === null) return null
  if (move.to === 'up') return from.index === 0 ? null : { ...from, index: from.index - 1 }
  if (move.to === 'down') {
    const last = (order[from.columnId]?.length ?? 0) - 1
    return from.index >= last ? null : { ...from, index: from.index + 1 }
  }
  const columnId = columnIds[columnIds.indexOf(from.columnId) + (move.to === 'right' ? 1 : -1)]
  if (columnId === undefined) return null
  return { columnId, index: Math.min(from.index, order[columnId]?.length ?? 0) }
}

/** Behind which issue one stands, as the move action wants to know it: null in front of all. */
export function issueBefore(order: Order, issueId: string): string | null {
  const spot = spotOf(order, issueId)
  if (spot === null || spot.index === 0) return null
  return order[spot.columnId]?.[spot.index - 1] ?? null
}

export function isSameSpot(a: Spot | null, b: Spot | null): boolean {
  return a?.columnId === b?.columnId && a?.index === b?.index
}
