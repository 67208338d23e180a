'use client'
import { Download } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useDevice, useReceipts, useSyncStatus } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { download } from '../../_components/download'
import { useNowMs } from '../../_components/moment'
import { statusWords } from '../../_components/status-sentence'
import { fullSentence, spaceWords, storageSentence, unsentWords } from '../../_components/storage-sentence'
import { agoWords } from '../../_components/time'
import { useToast } from '../../_components/toast'
import { useBrowserStorage } from '../use-browser-storage'
import { Compare } from './compare'
import { LoadAnew } from './load-anew'
import { Persistence } from './this-device-storage'

const storageWords = {
  opfs: 'Kept in this browser (private file system)',
  indexeddb: 'Kept in this browser (IndexedDB)',
  memory: 'Not kept on this device',
} as const

export function ThisDevice() {
  const status = useSyncStatus()
  const nowMs = useNowMs()
  const browser = useBrowserStorage(status.storage && `${status.storage} ${status.pendingCount}`)
  const oldestAtMs = useOldestUnsent()
  const warning = status.isFull ? fullSentence(status.pendingCount) : storageSentence(status.storage)
  return (
    <div className="flex flex-col gap-4">
      <dl className="grid grid-cols-[8rem_minmax(0,1fr)] gap-y-2 text-sm">
        <Fact label="Status">{statusWords(status).long}</Fact>
        <Fact label="Last contact">
          {status.lastExchangeAtMs === null ? 'Not yet' : agoWords(status.lastExchangeAtMs, nowMs)}
        </Fact>
        <Fact label="Not uploaded">
          {unsentWords(status.pendingCount, oldestAtMs === null ? null : agoWords(oldestAtMs, nowMs))}
        </Fact>
        <Fact label="Database">{status.storage === null ? 'Opening' : storageWords[status.storage]}</Fact>
        <Fact label="Space used">{spaceWords(browser.usedBytes)}</Fact>
      </dl>
      {warning !== null && <p className="text-sm text-warn-ink">{warning}</p>}
      {status.storage !== 'memory' && <Persistence storage={browser} pendingCount={status.pendingCount} />}
      <Compare />
      <LoadAnew />
      <div className="flex flex-wrap items-center justify-between gap-3 border-t pt-4">
        <p className="min-w-52 flex-1 text-sm text-muted">
          Everything this device holds of yours, as one JSON file in a fixed order.
        </p>
        <ExportButton />
      </div>
    </div>
  )
}

/** When the first of what the server does not have was done. */
function useOldestUnsent(): number | null {
  const { receipts } = useReceipts()
  const unsent = receipts.filter(({ status }) => status === 'pending' || status === 'held')
  return unsent.length === 0 ? null : Math.min(...unsent.map(({ atMs }) => atMs))
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{label}</dt>
      <dd>{children}</dd>
    </>
  )
}

function ExportButton() {
  const device = useDevice()
  const toast = useToast()
  const [isBusy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    try {
      download(await device.exportData(), `beamline-${new Date().toISOString().slice(0, 10)}.json`)
    } catch (error) {
      toast({
        title: 'The export failed',
        description: error instanceof Error ? error.message : String(error),
        tone: 'bad',
      })
    }
    setBusy(false)
  }
  return (
    <Button isBusy={isBusy} onClick={save}>
      <Download aria-hidden className="size-4" />
      Export my data
    </Button>
  )
}
