'use client'
import { useState } from 'react'
import { type ImportReport, useDevice } from '@/lib/sync/react'
import { download } from '../../_components/download'
import { pendingFileSentence } from './pending-file-sentence'

/** Nothing so large is such a file: it is not even read. */
const bytesMax = 256 * 1024 * 1024

export interface Said {
  readonly sentence: string
  readonly isGood: boolean
}

/** Saving what waits as a file, and bringing it from one: what goes on, and what came of it. */
export function usePendingFile() {
  const device = useDevice()
  const [doing, setDoing] = useState<'saving' | 'bringing' | null>(null)
  const [said, setSaid] = useState<Said | null>(null)

  const attempt = async (what: 'saving' | 'bringing', work: () => Promise<Said>) => {
    setDoing(what)
    setSaid(null)
    try {
      setSaid(await work())
    } catch (error) {
      setSaid({ sentence: error instanceof Error ? error.message : String(error), isGood: false })
    }
    setDoing(null)
  }

  return {
    doing,
    said,
    save: () =>
      attempt('saving', async () => {
        download(await device.exportPending(), `beamline-pending-${new Date().toISOString().slice(0, 10)}.json`)
        return { sentence: saved, isGood: true }
      }),
    bring: (file: File) =>
      attempt('bringing', async () => {
        const report: ImportReport =
          file.size > bytesMax ? { kind: 'unfit', why: 'too-large' } : await device.importPending(await file.text())
        return { sentence: pendingFileSentence(report), isGood: report.kind === 'taken-in' }
      }),
  }
}

const saved =
  'Saved. The work also stays on this device and is sent from here when it can be: it counts once, wherever it comes from first.'
