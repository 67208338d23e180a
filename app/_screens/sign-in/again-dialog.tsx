'use client'
import { useSessionUser } from '@/app/_engine/provider'
import { useDevice, useSyncStatus } from '@/lib/sync/react'
import { Dialog } from '../../_components/dialog'
import { Link } from '../navigation'
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
      <NoWayBack onClose={onClose} />
    </Dialog>
  )
}

/** The server does not say whether there still is an account, not even here: what can be done is the same. */
function NoWayBack({ onClose }: { onClose: () => void }) {
  const { pendingCount } = useSyncStatus()
  const what = pendingCount === 1 ? '1 change that waits' : `${pendingCount} changes that wait`
  return (
    <p className="mt-4 border-t pt-3 text-sm text-muted">
      Has your account been removed, or is there no way back to it? Then the server takes nothing from here any more,
      and nobody else can send it either.{' '}
      {pendingCount > 0 && `The ${what} and everything you see stay on this device until you decide. `}
      In the{' '}
      <Link
        to={{ screen: 'settings' }}
        onClick={onClose}
        className="rounded font-medium text-accent-ink underline-offset-4 hover:underline"
      >
        settings
      </Link>{' '}
      you can save what waits as a file, and sign out.
    </p>
  )
}
