'use client'
import { MonitorX } from 'lucide-react'
import type { SyncStatus } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { EmptyState } from '../../_components/states'
import { statusWords, storageSentence } from '../../_components/status-sentence'

/** A line above the screen, for what a person should know before going on. The rest is in the badge. */
export function Banner({ status }: { status: SyncStatus }) {
  const isLoud = status.kind === 'needs-update' || status.kind === 'stopped'
  const sentence = isLoud ? statusWords(status).long : storageSentence(status.storage)
  if (sentence === null) return null
  return (
    <div className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 border-b border-warn/30 bg-warn-soft px-4 py-2 text-center text-sm text-warn-ink">
      <span>{sentence}</span>
      {status.kind === 'needs-update' && (
        <button type="button" className="font-semibold underline underline-offset-2" onClick={() => location.reload()}>
          Reload
        </button>
      )}
    </div>
  )
}

/** One tab at a time has the database open. The other one says so and stays out of the way. */
export function BusyElsewhere() {
  return (
    <EmptyState
      icon={<MonitorX aria-hidden />}
      title="Beamline is open in another tab"
      action={<Button onClick={() => location.reload()}>Use it here</Button>}
      className="my-auto"
    >
      Its database can be open in one tab at a time. Close the other tab, then press the button. Nothing is lost.
    </EmptyState>
  )
}
