'use client'
import { useEffect, useState } from 'react'
import { agoWords, fullWords } from './time'

/** The present, refreshed once a minute: enough for "5 min ago". */
export function useNowMs(): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 60_000)
    return () => clearInterval(timer)
  }, [])
  return nowMs
}

/** "5 min ago", with the full moment as tooltip and for machines. */
export function Ago({ at, className }: { at: Date; className?: string }) {
  const nowMs = useNowMs()
  return (
    <time dateTime={at.toISOString()} title={fullWords(at.getTime())} className={className}>
      {agoWords(at.getTime(), nowMs)}
    </time>
  )
}
