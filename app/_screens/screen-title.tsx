'use client'
import { useEffect, useRef } from 'react'
import { useAnnounce } from '../_components/announcer'

/** Names the screen in the tab, and says it aloud when a person came here from another screen. */
export function useScreenTitle(title: string | null): void {
  const announce = useAnnounce()
  const announced = useRef(false)
  useEffect(() => {
    if (title === null) return
    document.title = `${title} · Beamline`
    if (!announced.current && hasNavigated) announce(title)
    announced.current = true
    hasNavigated = true
  }, [title, announce])
}

/** The first screen after a load is read by the screen reader anyway. */
let hasNavigated = false
