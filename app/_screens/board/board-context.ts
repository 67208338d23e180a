'use client'
import { createContext, useContext } from 'react'
import type { BoardIssue } from '../queries'
import type { CardDetails } from './use-card-details'
import type { KeyboardMoves } from './use-keyboard-moves'
import type { Moves } from './use-moves'

export interface BoardContext {
  readonly moves: Moves
  readonly keyboard: KeyboardMoves
  readonly issuesById: ReadonlyMap<string, BoardIssue>
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
