'use client'
import { FileInput, FileOutput } from 'lucide-react'
import { useRef } from 'react'
import { useReceipts } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { cx } from '../../_components/class-names'
import { type Said, usePendingFile } from './use-pending-file'

/** What waits here leaves as a file, and work of another device comes in from one (OUT-2). */
export function PendingFile() {
  const { doing, said, save, bring } = usePendingFile()
  const { receipts } = useReceipts()
  const input = useRef<HTMLInputElement>(null)
  const isNothingWaiting = !receipts.some(({ status }) => status === 'pending' || status === 'held')
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm text-muted">
        If this device cannot reach the server any more, save what waits as a file, and bring it to the server from
        another device, signed in with the same account. Whoever has the file can read your work in it.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button isBusy={doing === 'saving'} disabled={isNothingWaiting} onClick={save}>
          <FileOutput aria-hidden className="size-4" />
          Save pending work as a file
        </Button>
        <Button isBusy={doing === 'bringing'} onClick={() => input.current?.click()}>
          <FileInput aria-hidden className="size-4" />
          Bring pending work from a file…
        </Button>
        <input
          ref={input}
          type="file"
          accept="application/json,.json"
          aria-label="File of pending work"
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => {
            const [file] = event.target.files ?? []
            // The same file may be chosen again.
            event.target.value = ''
            if (file) void bring(file)
          }}
        />
      </div>
      <SaidLine said={said} />
      {isNothingWaiting && said === null && <p className="text-sm text-faint">Nothing waits here at the moment.</p>}
    </div>
  )
}

/** Read aloud when it changes. */
export function SaidLine({ said }: { said: Said | null }) {
  return (
    <p role="status" className={cx('text-sm', said?.isGood === false ? 'text-danger-ink' : 'text-good-ink')}>
      {said?.sentence}
    </p>
  )
}
