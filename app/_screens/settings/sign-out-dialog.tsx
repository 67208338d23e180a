'use client'
import { useState } from 'react'
import { useSyncStatus } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { ConfirmDialog } from '../../_components/confirm-dialog'
import { Dialog } from '../../_components/dialog'
import { useLeave } from './use-leave'

interface SignOutDialogProps {
  isOpen: boolean
  onClose: () => void
}

/** Signing out never throws work away by itself: with work waiting it asks what shall become of it (DEV-1). */
export function SignOutDialog({ isOpen, onClose }: SignOutDialogProps) {
  const { pendingCount } = useSyncStatus()
  const [isDiscarding, setDiscarding] = useState(false)
  const leave = useLeave()
  if (isDiscarding) {
    return (
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setDiscarding(false)}
        onConfirm={() => void leave.afterDiscarding().then(() => setDiscarding(false))}
        title="Discard what waits?"
        confirmLabel="Discard and sign out"
        typedWord="discard"
      >
        <p>
          {pendingCount === 1 ? '1 change that was' : `${pendingCount} changes that were`} never sent will be gone for
          good. There is no way back.
        </p>
      </ConfirmDialog>
    )
  }
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Sign out" description={describe(pendingCount)}>
      <div className="flex flex-col gap-2">
        {pendingCount === 0 ? (
          <Button look="primary" isBusy={leave.isBusy} onClick={leave.now}>
            Sign out
          </Button>
        ) : (
          <>
            <Button look="primary" isBusy={leave.isBusy} onClick={leave.afterSync}>
              Sync first, then sign out
            </Button>
            <Button onClick={leave.now}>Keep on this device and sign out</Button>
            <Button look="ghost" className="text-danger-ink!" onClick={() => setDiscarding(true)}>
              Discard and sign out…
            </Button>
          </>
        )}
        <p aria-live="polite" className="text-sm text-danger-ink">
          {leave.problem}
        </p>
      </div>
    </Dialog>
  )
}

function describe(pendingCount: number): string {
  if (pendingCount === 0) return 'Everything you did has reached the server.'
  const what = pendingCount === 1 ? '1 change waits' : `${pendingCount} changes wait`
  return `${what} for the server. Kept here, they are sent when you sign in on this device again; nobody else can send them.`
}
