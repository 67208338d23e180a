'use client'
import { ClipboardCopy, ScanSearch } from 'lucide-react'
import { useEffect, useState } from 'react'
import { type DigestReport, useDevice } from '@/lib/sync/react'
import { Button } from '../../_components/button'
import { useNowMs } from '../../_components/moment'
import { agoWords } from '../../_components/time'
import { useToast } from '../../_components/toast'
import { compareSentence } from './compare-sentence'

/** Whether the rows here are the server's: the device looks by itself once a day, and a person may ask (CON-1). */
export function Compare() {
  const device = useDevice()
  const toast = useToast()
  const nowMs = useNowMs()
  const [report, setReport] = useState<DigestReport | null>(null)
  const [isBusy, setBusy] = useState(false)

  useEffect(() => {
    let isGone = false
    device.digestReport().then(
      (found) => !isGone && setReport(found),
      // Nothing to tell yet: the database of this device is not open.
      () => !isGone && setReport(null),
    )
    return () => {
      isGone = true
    }
  }, [device])

  const compare = async () => {
    setBusy(true)
    try {
      setReport(await device.verify())
    } catch (error) {
      const description = error instanceof Error ? error.message : String(error)
      toast({ title: 'The comparison did not finish', description, tone: 'bad' })
    }
    setBusy(false)
  }

  const copy = async () => {
    await navigator.clipboard.writeText(JSON.stringify(report, null, 2))
    toast({ title: 'Report copied', tone: 'good' })
  }

  const ago = report?.comparedAtMs == null ? null : agoWords(report.comparedAtMs, nowMs)
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-t pt-4">
      <p aria-live="polite" className="min-w-52 flex-1 text-sm text-muted">
        {compareSentence(report, ago)}
      </p>
      <div className="flex flex-wrap gap-2">
        {report !== null && report.mismatches.length > 0 && (
          <Button onClick={copy}>
            <ClipboardCopy aria-hidden className="size-4" />
            Copy report
          </Button>
        )}
        <Button isBusy={isBusy} onClick={compare}>
          <ScanSearch aria-hidden className="size-4" />
          Compare with server
        </Button>
      </div>
    </div>
  )
}
