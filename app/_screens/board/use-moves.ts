'use client'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { moveIssue } from '@/lib/actions'
import type { BoardIssue } from '@/lib/queries/selects'
import { useAction } from '@/lib/sync/react'
import type { ProjectView } from '../project/context'
import { useRun } from '../use-run'
import { isSameSpot, issueBefore, moveTo, type Order, type Spot, spotOf } from './order'

/** How long a preview outlives its action when no new rows come: the database then had nothing to change. */
const previewGraceMs = 400

export interface Moves {
  /** Columns from left to right. */
  readonly columnIds: readonly string[]
  /** What is on screen: the database's order, or the preview of a move that is under way. */
  readonly order: Order
  /** Shows a move without doing it. Null goes back to what the database says. */
  preview(order: Order | null): void
  /** Does the move that a preview shows, or any other. */
  commit(issueId: string, to: Spot): Promise<void>
  /** "BEAM-4, 2 of 5 in Doing", for what is read aloud. */
  spotWords(issueId: string, order: Order): string
}

/** The order of the board, and the one way by which cards change their place. */
export function useMoves(view: ProjectView, issues: readonly BoardIssue[]): Moves {
  const { project, columns } = view
  const base = useMemo(() => orderOf(columns, issues), [columns, issues])
  const [shown, preview] = useState<Order | null>(null)
  const move = useAction(moveIssue)
  const run = useRun()
  const baseNow = useRef(base)
  const underWay = useRef(0)
  const baseText = JSON.stringify(base)

  // New places are the outcome of the move, or of somebody else's: what the database says is shown again. While a move
  // is under way its preview stays, so that the card does not go back and forth.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new object with the same places is nothing new.
  useEffect(() => {
    baseNow.current = base
    if (underWay.current === 0) preview(null)
  }, [baseText])

  const spotWords = useCallback(
    (issueId: string, order: Order) => {
      const spot = spotOf(order, issueId)
      const issue = issues.find(({ id }) => id === issueId)
      const column = columns.find(({ id }) => id === spot?.columnId)
      if (!spot || !issue || !column) return ''
      const count = order[column.id]?.length ?? 0
      return `${project.key}-${issue.number}, ${spot.index + 1} of ${count} in ${column.name}`
    },
    [issues, columns, project.key],
  )

  const commit = useCallback(
    async (issueId: string, to: Spot) => {
      const wanted = moveTo(baseNow.current, issueId, to)
      if (isSameSpot(spotOf(baseNow.current, issueId), spotOf(wanted, issueId))) return preview(null)
      preview(wanted)
      const after = issueBefore(wanted, issueId)
      const place = { projectId: project.id, issueId, columnId: to.columnId, after }
      underWay.current += 1
      const result = await run(() => move(place), `Moved. ${spotWords(issueId, wanted)}.`)
      underWay.current -= 1
      const giveUp = () => preview((now) => (now === wanted ? null : now))
      if (result.kind === 'not-done') giveUp()
      else setTimeout(giveUp, previewGraceMs)
    },
    [move, run, project.id, spotWords],
  )

  const columnIds = useMemo(() => columns.map(({ id }) => id), [columns])
  return { columnIds, order: shown ?? base, preview, commit, spotWords }
}

function orderOf(columns: readonly { id: string }[], issues: readonly BoardIssue[]): Order {
  const order: Record<string, string[]> = Object.fromEntries(columns.map(({ id }) => [id, []]))
  for (const issue of issues) order[issue.columnId]?.push(issue.id)
  return order
}
