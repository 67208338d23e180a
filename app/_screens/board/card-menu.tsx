'use client'
import { ArrowDownToLine, ArrowUpToLine, Ellipsis, Hand, Lock, MoveRight, Star } from 'lucide-react'
import { addFocus, claimIssue } from '@/lib/actions'
import type { BoardIssue } from '@/lib/queries/selects'
import { useAction } from '@/lib/sync/react'
import { iconButtonClass } from '../../_components/button-class'
import { Menu, MenuGroup, MenuItem, MenuSeparator } from '../../_components/menu'
import { useProject } from '../project/context'
import { useRun } from '../use-run'
import { useBoard } from './context'

/** What can be done with a card without opening it: above all, moving it to any column in two presses. */
export function CardMenu({ issue, name }: { issue: BoardIssue; name: string }) {
  const { project, columns } = useProject()
  const { moves } = useBoard()
  const claim = useAction(claimIssue)
  const focus = useAction(addFocus)
  const run = useRun()
  const at = { projectId: project.id, issueId: issue.id }
  const count = (columnId: string) => moves.order[columnId]?.length ?? 0
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          aria-label={`Actions for ${name}`}
          className={iconButtonClass('size-6! rounded-md! pointer-coarse:size-8!')}
        >
          <Ellipsis aria-hidden className="size-4" />
        </button>
      }
    >
      {issue.assigneeId === null && (
        <MenuItem icon={<Hand aria-hidden />} onSelect={() => void run(() => claim(at), `${name} is yours`)}>
          Claim
        </MenuItem>
      )}
      <MenuItem icon={<Star aria-hidden />} onSelect={() => void run(() => focus(at), `${name} is on your focus list`)}>
        Add to my focus
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        icon={<ArrowUpToLine aria-hidden />}
        onSelect={() => void moves.commit(issue.id, { columnId: issue.columnId, index: 0 })}
      >
        Move to top
      </MenuItem>
      <MenuItem
        icon={<ArrowDownToLine aria-hidden />}
        onSelect={() => void moves.commit(issue.id, { columnId: issue.columnId, index: count(issue.columnId) })}
      >
        Move to bottom
      </MenuItem>
      <MenuSeparator />
      <MenuGroup label="Move to…">
        {columns
          .filter((column) => column.id !== issue.columnId)
          .map((column) => (
            <MenuItem
              key={column.id}
              icon={column.closedAt === null ? <MoveRight aria-hidden /> : <Lock aria-hidden />}
              onSelect={() => void moves.commit(issue.id, { columnId: column.id, index: count(column.id) })}
            >
              {column.name}
            </MenuItem>
          ))}
      </MenuGroup>
    </Menu>
  )
}
