'use client'
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react'

const AnnounceContext = createContext<(sentence: string) => void>(() => undefined)

/** One polite live region for the whole application: what changed on screen is also said. */
export function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState({ sentence: '', turn: 0 })
  const announce = useCallback((sentence: string) => setSaid(({ turn }) => ({ sentence, turn: turn + 1 })), [])
  return (
    <AnnounceContext.Provider value={announce}>
      {children}
      <div role="status" aria-live="polite" className="sr-only">
        {/* A new element each time: the same sentence said twice is read twice. */}
        <span key={said.turn}>{said.sentence}</span>
      </div>
    </AnnounceContext.Provider>
  )
}

export function useAnnounce(): (sentence: string) => void {
  return useContext(AnnounceContext)
}
