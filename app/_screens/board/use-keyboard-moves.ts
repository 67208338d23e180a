'use client'
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react'
import { useAnnounce } from '../../_components/announcer'
import { type Direction, moveTo, neighbour, spotOf } from './order'
import type { Moves } from './use-moves'

const directions: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
}

export interface KeyboardMoves {
  readonly liftedId: string | null
  /** The keys of a card's handle. */
  onKeyDown(event: KeyboardEvent, issueId: string): void
  /** A lifted card that loses the focus goes back. */
  onBlur(isLeaving: boolean): void
}

/**
 * Moving cards with the keyboard: lift, arrows, put down. Written here and not left to the drag library, whose keyboard
 * mode moves a picture by pixels: this one moves the card itself from place to place and says each of them.
 */
export function useKeyboardMoves(moves: Moves): KeyboardMoves {
  const [liftedId, setLiftedId] = useState<string | null>(null)
  const announce = useAnnounce()
  useFocusOnLifted(liftedId, moves)

  const putBack = useCallback(() => {
    setLiftedId(null)
    moves.preview(null)
    announce('Move cancelled, the card is back in its place.')
  }, [moves, announce])

  const step = (issueId: string, to: Direction) => {
    const spot = neighbour(moves.order, moves.columnIds, { issueId, to })
    if (spot === null) return announce('There is nothing further in this direction.')
    const next = moveTo(moves.order, issueId, spot)
    moves.preview(next)
    announce(moves.spotWords(issueId, next))
  }

  const putDown = (issueId: string) => {
    const spot = spotOf(moves.order, issueId)
    setLiftedId(null)
    if (spot) void moves.commit(issueId, spot)
  }

  const onKeyDown = (event: KeyboardEvent, issueId: string) => {
    const isLifted = liftedId === issueId
    const direction = directions[event.key]
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault()
      if (isLifted) return putDown(issueId)
      setLiftedId(issueId)
      announce(
        `Lifted. ${moves.spotWords(issueId, moves.order)}. Arrow keys move it, Space puts it down, Escape cancels.`,
      )
    } else if (isLifted && direction) {
      event.preventDefault()
      step(issueId, direction)
    } else if (isLifted && event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      putBack()
    }
  }

  const onBlur = (isLeaving: boolean) => {
    if (liftedId !== null && isLeaving) putBack()
  }
  return { liftedId, onKeyDown, onBlur }
}

/** How long after a card was put down the focus still follows it: a rule that says no sends it back. */
const followMs = 1500

/** A card that changes its column is a new element: the focus follows it. Where it went elsewhere, it stays there. */
function useFocusOnLifted(liftedId: string | null, moves: Moves) {
  const former = useRef<{ id: string; untilMs: number } | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: every new order may have made a new element.
  useEffect(() => {
    if (liftedId !== null) former.current = { id: liftedId, untilMs: Number.POSITIVE_INFINITY }
    else if (former.current?.untilMs === Number.POSITIVE_INFINITY) former.current.untilMs = Date.now() + followMs
    if (former.current === null || former.current.untilMs < Date.now()) return
    if (liftedId === null && document.activeElement !== document.body) return
    const handle = document.getElementById(handleId(former.current.id))
    handle?.focus({ preventScroll: true })
    handle?.closest('li')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [liftedId, moves.order])
}

export const handleId = (issueId: string) => `move-${issueId}`
