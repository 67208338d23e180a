'use client'
import { RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { useDevice, useSyncStatus } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { ConfirmDialog } from '../../_components/confirm-dialog'
import { useToast } from '../../_components/toast'

/** The last resort of people and support: everything is loaded anew. It says first what that means. */
export function LoadAnew() {
  const device = useDevice()
  const { pendingCount } = useSyncStatus()
  const toast = useToast()
  const [isAsking, setAsking] = useState(false)
  const [isBusy, setBusy] = useState(false)

  const load = async () => {
    setAsking(false)
    setBusy(true)
    try {
      await device.resync()
      toast({ title: 'Loading everything anew', description: 'The status shows how far it is.', tone: 'good' })
    } catch (error) {
      const description = error instanceof Error ? error.message : String(error)
      toast({ title: 'It could not be begun', description, tone: 'bad' })
    }
    setBusy(false)
  }

  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-t pt-4">
      <p className="min-w-52 flex-1 text-sm text-muted">
        If something looks wrong and stays so, this device can load everything anew from the server.
      </p>
      <Button isBusy={isBusy} onClick={() => setAsking(true)}>
        <RefreshCw aria-hidden className="size-4" />
        Load everything anew…
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        onConfirm={load}
        title="Load everything anew?"
        confirmLabel="Load anew"
      >
        <p>What you see stays until the server’s rows are here, and then they take its place. It needs the network.</p>
        <p>{kept(pendingCount)} What the server has lost of your work of the last days is offered to it again.</p>
      </ConfirmDialog>
    </div>
  )
}

function kept(pendingCount: number): string {
  if (pendingCount === 0) return 'Nothing of yours is lost.'
  return `${pendingCount === 1 ? '1 change that waits is' : `${pendingCount} changes that wait are`} kept and sent.`
}
