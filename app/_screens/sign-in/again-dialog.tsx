'use client'
import { useSessionUser } from '@/app/_engine/provider'
import { useDevice } from '@/lib/sync/react'
import { Dialog } from '../../_components/dialog'
import { SignInForm } from './form'

/** The session ended while work went on: signing in again lets what waits be sent. */
export function SignInAgainDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { user, refresh } = useSessionUser()
  const device = useDevice()
  const goOn = async () => {
    await refresh()
    onClose()
    // Whether it worked shows in the status.
    await device.syncNow().catch(() => undefined)
  }
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title="Sign in again"
      description="Your work is kept on this device and will be sent as soon as you are back."
    >
      <SignInForm mode="in" email={user?.email ?? ''} onDone={goOn} />
    </Dialog>
  )
}
