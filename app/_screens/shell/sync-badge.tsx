'use client'
import { useEffect, useRef, useState } from 'react'
import { useDevice, useSyncStatus } from '@/lib/sync/react'
import { useAnnounce } from '../../_components/announcer'
import { Button } from '../../_components/button'
import { useNowMs } from '../../_components/moment'
import { StatusBadge } from '../../_components/status-badge'
import { statusWords } from '../../_components/status-sentence'
import { fullSentence, storageSentence } from '../../_components/storage-sentence'
import { agoWords } from '../../_components/time'
import { SignInAgainDialog } from '../sign-in/again-dialog'

/** The badge with the state of this device, and what a person can do about it. */
export function SyncBadge({ className }: { className?: string }) {
  const status = useSyncStatus()
  const device = useDevice()
  const [isBusy, setBusy] = useState(false)
  const [isSigningIn, setSigningIn] = useState(false)
  const nowMs = useNowMs()
  const words = statusWords(status)
  const storage = status.isFull ? fullSentence(status.pendingCount) : storageSentence(status.storage)
  useSpokenStatus(status.kind, words.long)

  const syncNow = async () => {
    setBusy(true)
    // Whether it worked shows in the status itself.
    await device.syncNow().catch(() => undefined)
    setBusy(false)
  }

  return (
    <>
      <StatusBadge words={words} {...(className === undefined ? {} : { className })}>
        <p className="mt-2 text-xs text-faint">
          {status.lastExchangeAtMs === null
            ? 'Not yet in touch with the server on this device.'
            : `Last in touch with the server ${agoWords(status.lastExchangeAtMs, nowMs)}.`}
        </p>
        {storage !== null && <p className="mt-2 text-xs text-warn-ink">{storage}</p>}
        <div className="mt-3 flex gap-2">
          {status.kind === 'signed-out' ? (
            <Button look="primary" size="sm" onClick={() => setSigningIn(true)}>
              Sign in again
            </Button>
          ) : (
            <Button size="sm" isBusy={isBusy} onClick={syncNow}>
              Sync now
            </Button>
          )}
        </div>
      </StatusBadge>
      <SignInAgainDialog isOpen={isSigningIn} onClose={() => setSigningIn(false)} />
    </>
  )
}

/** Says aloud when the connection changes for good or bad; the coming and going of single actions stays silent. */
function useSpokenStatus(kind: string, sentence: string) {
  const announce = useAnnounce()
  const calm = kind === 'waiting' || kind === 'synced' ? 'online' : kind
  const former = useRef(calm)
  useEffect(() => {
    if (former.current === calm) return
    const wasStarting = former.current === 'starting' || former.current === 'loading'
    former.current = calm
    if (!(wasStarting && calm === 'online')) announce(calm === 'online' ? 'Online again.' : sentence)
  }, [calm, sentence, announce])
}
