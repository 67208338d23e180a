'use client'
import { useEffect, useRef, useState } from 'react'
import { type SyncStatus, useDevice, useSyncStatus } from '@/lib/sync/react'
import { useAnnounce } from '../../_components/announcer'
import { Button } from '../../_components/button'
import { useNowMs } from '../../_components/moment'
import { StatusBadge } from '../../_components/status-badge'
import { statusWords } from '../../_components/status-sentence'
import { fullSentence, persistenceSentence, storageSentence } from '../../_components/storage-sentence'
import { agoWords } from '../../_components/time'
import { Link } from '../navigation'
import { SignInAgainDialog } from '../sign-in/again-dialog'
import { useBrowserStorage } from '../use-browser-storage'

/** The badge with the state of this device, and what a person can do about it. */
export function SyncBadge({ className }: { className?: string }) {
  const status = useSyncStatus()
  const device = useDevice()
  const [isBusy, setBusy] = useState(false)
  const [isOpen, setOpen] = useState(false)
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
      <StatusBadge
        words={words}
        isOpen={isOpen}
        onOpenChange={setOpen}
        {...(className === undefined ? {} : { className })}
      >
        <p className="mt-2 text-xs text-faint">
          {status.lastExchangeAtMs === null
            ? 'Not yet in touch with the server on this device.'
            : `Last in touch with the server ${agoWords(status.lastExchangeAtMs, nowMs)}.`}
        </p>
        {storage !== null && <p className="mt-2 text-xs text-warn-ink">{storage}</p>}
        {isStuck(status) && <MayGo pendingCount={status.pendingCount} onLeave={() => setOpen(false)} />}
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

/** Work waits that is not sent now: it is nowhere but on this device. */
function isStuck({ kind, storage, pendingCount }: SyncStatus): boolean {
  return pendingCount > 0 && kind !== 'waiting' && storage !== 'memory'
}

/** Nothing, as long as the browser has promised to keep it (FM-12). */
function MayGo({ pendingCount, onLeave }: { pendingCount: number; onLeave(): void }) {
  const { isPersisted } = useBrowserStorage('open')
  if (isPersisted !== false) return null
  return (
    <p className="mt-2 text-xs text-warn-ink">
      {persistenceSentence(false, pendingCount)}{' '}
      <Link to={{ screen: 'settings' }} className="font-semibold underline underline-offset-2" onClick={onLeave}>
        Keep it or save it as a file
      </Link>
    </p>
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
