'use client'
import { type ReactNode, useState } from 'react'
import { useLost } from '@/app/_engine/use-kept'
import type { SyncStatus } from '@/lib/sync/react'
import { statusWords } from '../../_components/status-sentence'
import { fullSentence, lostSentence, storageSentence } from '../../_components/storage-sentence'
import { SignInAgainDialog } from '../sign-in/again-dialog'

/** A line above the screen, for what a person should know before going on. The rest is in the badge. */
export function Banner({ status }: { status: SyncStatus }) {
  const [isSigningIn, setSigningIn] = useState(false)
  const { lost, dismiss } = useLost()
  return (
    <>
      {status.kind === 'needs-update' && (
        <Line sentence={statusWords(status).long} deed="Reload" onDeed={() => location.reload()} />
      )}
      {status.kind === 'signed-out' && (
        <Line sentence={statusWords(status).long} deed="Sign in again" onDeed={() => setSigningIn(true)} />
      )}
      {status.kind === 'stopped' && !status.isFull && <Line sentence={statusWords(status).long} />}
      {status.isFull && <Line sentence={fullSentence(status.pendingCount)} />}
      {lost !== null && <Line sentence={lostSentence(lost)} deed="Understood" onDeed={dismiss} />}
      {status.storage === 'memory' && <Line sentence={storageSentence(status.storage)} />}
      <SignInAgainDialog isOpen={isSigningIn} onClose={() => setSigningIn(false)} />
    </>
  )
}

function Line({ sentence, deed, onDeed }: { sentence: ReactNode; deed?: string; onDeed?: () => void }) {
  return (
    <div className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 border-b border-warn/30 bg-warn-soft px-4 py-2 text-center text-sm text-warn-ink">
      <span className="wrap-anywhere">{sentence}</span>
      {deed !== undefined && (
        <button type="button" className="rounded font-semibold underline underline-offset-2" onClick={onDeed}>
          {deed}
        </button>
      )}
    </div>
  )
}
