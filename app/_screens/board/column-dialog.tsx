'use client'
import { type FormEvent, useState } from 'react'
import { addColumn, renameColumn, setColumnLimit } from '@/lib/actions'
import { useAction } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { Dialog, DialogActions } from '../../_components/dialog'
import { TextField } from '../../_components/field'
import { Switch } from '../../_components/switch'
import { type Column, useProject } from '../project/context'
import { useRun } from '../use-run'

interface ColumnDialogProps {
  /** Null: a new one. */
  column: Column | null
  isOpen: boolean
  onClose: () => void
}

export function ColumnDialog(props: ColumnDialogProps) {
  const { column, isOpen, onClose } = props
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={column === null ? 'New column' : `Edit “${column.name}”`}>
      <ColumnForm {...props} />
    </Dialog>
  )
}

function ColumnForm({ column, onClose }: ColumnDialogProps) {
  const [name, setName] = useState(column?.name ?? '')
  const [limit, setLimit] = useState(column?.issueLimit?.toString() ?? '')
  const [isDone, setDone] = useState(false)
  const [isTried, setTried] = useState(false)
  const save = useSave(column)
  const isLimitFine = /^([1-9]\d{0,2})?$/.test(limit.trim())

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (name.trim() === '' || !isLimitFine) return
    const issueLimit = limit.trim() === '' ? null : Number(limit)
    if (await save({ name: name.trim(), issueLimit, isDone })) onClose()
  }

  return (
    <form onSubmit={submit} noValidate>
      <div className="flex flex-col gap-4">
        <TextField
          label="Name"
          value={name}
          maxLength={100}
          autoComplete="off"
          error={isTried && name.trim() === '' ? 'Give the column a name.' : null}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label="Limit"
          hint="The most issues it may hold at a time. Leave it empty for any number."
          value={limit}
          inputMode="numeric"
          autoComplete="off"
          error={isTried && !isLimitFine ? 'A whole number from 1 to 999, or nothing.' : null}
          onChange={(event) => setLimit(event.target.value)}
        />
        {column === null && (
          <Switch
            label="For completed issues"
            hint="What moves in is completed by it."
            isOn={isDone}
            onChange={setDone}
          />
        )}
      </div>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary">
          {column === null ? 'Add column' : 'Save'}
        </Button>
      </DialogActions>
    </form>
  )
}

interface ColumnValues {
  readonly name: string
  readonly issueLimit: number | null
  readonly isDone: boolean
}

/** One action for each thing that changed. Answers whether all of it was done. */
function useSave(column: Column | null) {
  const { project } = useProject()
  const add = useAction(addColumn)
  const rename = useAction(renameColumn)
  const setLimit = useAction(setColumnLimit)
  const run = useRun()
  return async ({ name, issueLimit, isDone }: ColumnValues): Promise<boolean> => {
    const projectId = project.id
    if (column === null) {
      return (await run(() => add({ projectId, name, issueLimit, isDone }), `Column ${name} added`)).kind === 'done'
    }
    const at = { projectId, columnId: column.id }
    const isRenamed = name === column.name || (await run(() => rename({ ...at, name }))).kind === 'done'
    const isLimited =
      issueLimit === column.issueLimit || (await run(() => setLimit({ ...at, issueLimit }))).kind === 'done'
    return isRenamed && isLimited
  }
}
