'use client'
import { useState } from 'react'
import { useSessionUser } from '@/app/_engine/provider'
import { useSyncStatus } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { ConfirmDialog } from '../../_components/confirm-dialog'
import { Dialog } from '../../_components/dialog'
import { Switch } from '../../_components/switch'
import { SaidLine } from './pending-file'
import { useLeave } from './use-leave'
import { usePendingFile } from './use-pending-file'

interface SignOutDialogProps {
  isOpen: boolean
  onClose: () => void
}

/** Signing out never throws work away by itself: with work waiting it asks what shall become of it (DEV-1). */
export function SignOutDialog({ isOpen, onClose }: SignOutDialogProps) {
  const { pendingCount } = useSyncStatus()
  const isEnded = useSessionUser().status === 'signed-out'
  const [isDiscarding, setDiscarding] = useState(false)
  const [isForgetting, setForgetting] = useState(false)
  const leave = useLeave(isForgetting)
  const file = usePendingFile()
  const save = () => {
    leave.forgetProblem()
    void file.save()
  }
  if (isDiscarding) {
    return (
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => setDiscarding(false)}
        onConfirm={() => void leave.discarding().then(() => setDiscarding(false))}
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
    <Dialog isOpen={isOpen} onClose={onClose} title="Sign out" description={describe(pendingCount, isEnded)}>
      <div className="flex flex-col gap-2">
        {pendingCount === 0 ? (
          <Button look="primary" isBusy={leave.isBusy} onClick={leave.now}>
            Sign out
          </Button>
        ) : (
          <>
            {!isEnded && (
              <Button look="primary" isBusy={leave.isBusy} onClick={leave.afterSync}>
                Sync first, then sign out
              </Button>
            )}
            {!isForgetting && (
              <Button isBusy={isEnded && leave.isBusy} onClick={leave.now}>
                Keep on this device and sign out
              </Button>
            )}
            <Button isBusy={file.doing === 'saving'} onClick={save}>
              Save as a file…
            </Button>
            <Button look="ghost" className="text-danger-ink!" onClick={() => setDiscarding(true)}>
              Discard and sign out…
            </Button>
          </>
        )}
        <div className="mt-2 border-t pt-4">
          <Switch
            label="Remove my data from this browser"
            hint="For a browser that others use too. Your next sign-in here loads everything anew."
            isOn={isForgetting}
            onChange={setForgetting}
          />
        </div>
        <SaidLine said={leave.problem === null ? file.said : { sentence: leave.problem, isGood: false }} />
      </div>
    </Dialog>
  )
}

function describe(pendingCount: number, isEnded: boolean): string {
  if (pendingCount === 0)
    return isEnded ? 'Your session has ended. Nothing waits here.' : 'Everything you did has reached the server.'
  const what = pendingCount === 1 ? '1 change waits' : `${pendingCount} changes wait`
  const kept =
    pendingCount === 1
      ? 'Kept here, it is sent when you sign in on this device again; nobody else can send it.'
      : 'Kept here, they are sent when you sign in on this device again; nobody else can send them.'
  return isEnded ? `${what} for the server, and your session has ended. ${kept}` : `${what} for the server. ${kept}`
}
