'use client'
import { createContext, useContext } from 'react'
import type { BoardIssue } from '@/lib/queries/selects'
import type { CardDetails } from './use-card-details'
import type { KeyboardMoves } from './use-keyboard-moves'
import type { Moves } from './use-moves'

export interface Family {
  readonly total: number
  readonly done: number
}

export function familiesOf(issues: readonly BoardIssue[]): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>()
  for (const { parentId, completedAt } of issues) {
    if (parentId === null) continue
    const { total, done } = families.get(parentId) ?? { total: 0, done: 0 }
    families.set(parentId, { total: total + 1, done: done + (completedAt === null ? 0 : 1) })
  }
  return families
}

export interface BoardContext {
  readonly moves: Moves
  readonly keyboard: KeyboardMoves
  readonly issuesById: ReadonlyMap<string, BoardIssue>
  /** How many sub-issues an issue has on the board, by its id. */
  readonly families: ReadonlyMap<string, Family>
  readonly details: CardDetails
  /** The issue that is shown beside the board. */
  readonly openIssueId: string | null
}

export const BoardState = createContext<BoardContext | null>(null)

export function useBoard(): BoardContext {
  const board = useContext(BoardState)
  if (board === null) throw new Error('useBoard() needs <Board> above it.')
  return board
}
