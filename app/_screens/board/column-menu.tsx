'use client'
import { Archive, ArrowLeft, ArrowRight, Ellipsis, Lock, LockOpen, Pencil } from 'lucide-react'
import { useState } from 'react'
import { archiveDone, closeColumn, reopenColumn, reorderColumn } from '@/lib/actions'
import { useAction } from '@/lib/sync/react'
import { iconButtonClass } from '../../_components/button-class'
import { ConfirmDialog } from '../../_components/confirm-dialog'
import { Menu, MenuItem, MenuSeparator } from '../../_components/menu'
import { type Column, useProject } from '../project/context'
import { useRun } from '../use-run'
import { ColumnDialog } from './column-dialog'

export function ColumnMenu({ column, count }: { column: Column; count: number }) {
  const { project, columns } = useProject()
  const [dialog, setDialog] = useState<'edit' | 'archive' | null>(null)
  const close = useAction(closeColumn)
  const reopen = useAction(reopenColumn)
  const reorder = useAction(reorderColumn)
  const run = useRun()
  const at = { projectId: project.id, columnId: column.id }
  const place = columns.findIndex(({ id }) => id === column.id)
  const moveBehind = (after: string | null) => void run(() => reorder({ ...at, after }), `Column ${column.name} moved`)
  return (
    <>
      <Menu
        align="end"
        trigger={
          <button type="button" aria-label={`Actions for column ${column.name}`} className={iconButtonClass()}>
            <Ellipsis aria-hidden className="size-4" />
          </button>
        }
      >
        <MenuItem icon={<Pencil aria-hidden />} onSelect={() => setDialog('edit')}>
          Edit…
        </MenuItem>
        {column.closedAt === null ? (
          <MenuItem icon={<Lock aria-hidden />} onSelect={() => void run(() => close(at), `${column.name} is closed`)}>
            Close
          </MenuItem>
        ) : (
          <MenuItem
            icon={<LockOpen aria-hidden />}
            onSelect={() => void run(() => reopen(at), `${column.name} is open`)}
          >
            Reopen
          </MenuItem>
        )}
        <MenuItem icon={<Archive aria-hidden />} isDisabled={count === 0} onSelect={() => setDialog('archive')}>
          Archive completed…
        </MenuItem>
        <MenuSeparator />
        <MenuItem
          icon={<ArrowLeft aria-hidden />}
          isDisabled={place === 0}
          onSelect={() => moveBehind(columns[place - 2]?.id ?? null)}
        >
          Move left
        </MenuItem>
        <MenuItem
          icon={<ArrowRight aria-hidden />}
          isDisabled={place === columns.length - 1}
          onSelect={() => moveBehind(columns[place + 1]?.id ?? null)}
        >
          Move right
        </MenuItem>
      </Menu>
      <ColumnDialog column={column} isOpen={dialog === 'edit'} onClose={() => setDialog(null)} />
      <ArchiveDialog column={column} count={count} isOpen={dialog === 'archive'} onClose={() => setDialog(null)} />
    </>
  )
}

interface ArchiveDialogProps {
  column: Column
  count: number
  isOpen: boolean
  onClose: () => void
}

function ArchiveDialog({ column, count, isOpen, onClose }: ArchiveDialogProps) {
  const { project } = useProject()
  const archive = useAction(archiveDone)
  const run = useRun()
  const confirm = () => {
    onClose()
    void run(
      () => archive({ projectId: project.id, columnId: column.id }),
      ({ archived }) => `${archived} issues archived`,
    )
  }
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      onConfirm={confirm}
      title={`Archive what is in “${column.name}”?`}
      confirmLabel={count === 1 ? 'Archive 1 issue' : `Archive ${count} issues`}
    >
      <p>They leave the board together, and only if every one of them is completed. The list still finds them.</p>
    </ConfirmDialog>
  )
}
