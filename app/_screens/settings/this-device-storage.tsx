'use client'
import { ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../_components/button'
import { persistenceSentence } from '../../_components/storage-sentence'
import type { BrowserStorage } from '../use-browser-storage'

interface PersistenceProps {
  storage: BrowserStorage & { ask(): Promise<boolean> }
  pendingCount: number
}

/** Whether the browser may remove what it keeps, and asking it not to. It answers by itself, most of them without asking anybody. */
export function Persistence({ storage, pendingCount }: PersistenceProps) {
  const { isPersisted, ask } = storage
  const [isBusy, setBusy] = useState(false)
  const [answer, setAnswer] = useState<string | null>(null)

  const askBrowser = async () => {
    setBusy(true)
    const isGranted = await ask().catch(() => false)
    setAnswer(isGranted ? granted : refused)
    setBusy(false)
  }

  const mayGo = isPersisted === false && pendingCount > 0
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-t pt-4">
      <div aria-live="polite" className="min-w-52 flex-1 space-y-1 text-sm">
        <p className={mayGo ? 'text-warn-ink' : 'text-muted'}>{persistenceSentence(isPersisted, pendingCount)}</p>
        {answer !== null && <p className="text-muted">{answer}</p>}
      </div>
      {isPersisted === false && (
        <Button isBusy={isBusy} onClick={askBrowser}>
          <ShieldCheck aria-hidden className="size-4" />
          Ask to keep it
        </Button>
      )}
    </div>
  )
}

const granted = 'The browser agreed.'
const refused =
  'The browser said no. It may agree when you have used this app for a while, installed it, or allowed notifications.'
