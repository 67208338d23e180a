'use client'
import { AlertDialog } from '@base-ui/react/alert-dialog'
import { type ReactNode, useState } from 'react'
import { Button } from './button'
import { cx } from './class-names'
import { TextField } from './field'
import { backdropClass, dialogClass } from './overlay-classes'

interface ConfirmDialogProps {
  isOpen: boolean
  onClose: () => void
  onConfirm: () => void
  title: string
  children: ReactNode
  /** What the dangerous button says: the deed, not "OK". */
  confirmLabel: string
  /** A word that must be typed first: for what cannot be brought back. */
  typedWord?: string
}

/** Asks before something that cannot be brought back. The safe answer has the focus. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { isOpen, onClose } = props
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={backdropClass} />
        <AlertDialog.Popup className={cx(dialogClass, 'max-w-md p-5')}>
          <ConfirmBody {...props} />
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

function ConfirmBody({ onClose, onConfirm, title, children, confirmLabel, typedWord }: ConfirmDialogProps) {
  const [typed, setTyped] = useState('')
  const isReady = typedWord === undefined || typed.trim().toLowerCase() === typedWord.toLowerCase()
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) onConfirm()
      }}
    >
      <AlertDialog.Title className="text-lg font-semibold tracking-tight">{title}</AlertDialog.Title>
      <AlertDialog.Description render={<div />} className="mt-2 space-y-2 text-base text-muted">
        {children}
      </AlertDialog.Description>
      {typedWord !== undefined && (
        <TextField
          label={`Type “${typedWord}” to go on`}
          className="mt-4"
          value={typed}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="danger" disabled={!isReady}>
          {confirmLabel}
        </Button>
      </div>
    </form>
  )
}
