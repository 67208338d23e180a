'use client'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { FirstRows } from '@/lib/sync/device/first-rows'
import type { Tab } from '@/lib/sync/device/tabs/outlet'
import { BeamlineProvider } from '@/lib/sync/react'
import { acquireDevice, releaseDevice } from './device'
import { openFirstRows } from './first-rows'
import { keepApp } from './offline/register'
import { prefetchDatabase } from './prefetch'
import { createSessionStore, loadingSession, type SessionState, type SessionStore } from './session'

export interface Session extends SessionState {
  /** Ends the session. Throws a sentence for a person when the server cannot be reached; `before` is not done then. */
  signOut(before?: () => Promise<void>): Promise<void>
  /** Asks the server again who is signed in: after signing in, for example. */
  refresh(): Promise<void>
}

const SessionContext = createContext<Session | null>(null)

/** Who is signed in, and signing out. */
export function useSessionUser(): Session {
  const session = useContext(SessionContext)
  if (session === null) throw new Error('useSessionUser needs EngineProvider above it.')
  return session
}

/** Puts the device of the signed-in user under everything below it. Another user has another database (DEV-1). */
export function EngineProvider({ children }: { children: ReactNode }) {
  const session = useSessionStore()
  const userId = session.user?.id ?? null
  const client = useDeviceOf(userId)
  usePageChanges(client, session)
  useEffect(keepApp, [])
  const isNobody = session.status === 'signed-out' && userId === null
  useEffect(() => {
    if (isNobody) prefetchDatabase()
  }, [isNobody])
  return (
    <SessionContext.Provider value={session}>
      <BeamlineProvider client={client} firstRows={firstRowsOf(userId)}>
        {children}
      </BeamlineProvider>
    </SessionContext.Provider>
  )
}

/** Made on the client only: pages are static and know nobody. */
let store: SessionStore | null = null
const sessionStore = () => {
  store ??= createSessionStore(window.localStorage)
  return store
}
const subscribe = (listener: () => void) => sessionStore().subscribe(listener)
/** Whoever uses this browser next sees nothing of it: what is shown first goes with the session. */
const signOut: Session['signOut'] = async (before) => {
  const leaving = firstRowsOf(sessionStore().get().user?.id ?? null)
  await sessionStore().signOut(async () => {
    await before?.()
    await leaving?.end()
  })
  firstRows = null
}
const refresh = () => sessionStore().refresh()

let firstRows: FirstRows | null = null

/** Those of one user at a time, made on the client only. */
function firstRowsOf(userId: string | null): FirstRows | null {
  if (userId === null) return null
  if (firstRows?.userId !== userId) firstRows = openFirstRows(userId)
  return firstRows
}

function useSessionStore(): Session {
  const state = useSyncExternalStore(
    subscribe,
    () => sessionStore().get(),
    () => loadingSession,
  )
  useEffect(() => {
    void refresh()
  }, [])
  return useMemo(() => ({ ...state, signOut, refresh }), [state])
}

function useDeviceOf(userId: string | null): Tab | null {
  const [client, setClient] = useState<Tab | null>(null)
  useEffect(() => {
    if (userId === null) return
    setClient(acquireDevice(userId))
    // Asked once somebody has something to lose; the browser may say no, and the outbox is as safe as it can be then.
    void navigator.storage?.persist?.()
    return () => {
      setClient(null)
      releaseDevice(userId)
    }
  }, [userId])
  return client
}

/** Tells the device what happens to the page, and the session what the device hears of it. */
function usePageChanges(client: Tab | null, { status }: SessionState): void {
  useEffect(() => {
    if (client === null) return
    const events = new AbortController()
    const { signal } = events
    const onVisibility = () => client.page(document.visibilityState === 'visible' ? 'visible' : 'hidden')
    onVisibility()
    document.addEventListener('visibilitychange', onVisibility, { signal })
    // A frozen tab must not keep the database from the others (FM-26).
    document.addEventListener('freeze', () => client.freezing(), { signal })
    document.addEventListener('resume', () => client.thawed(), { signal })
    window.addEventListener('pagehide', () => client.freezing(), { signal })
    window.addEventListener('pagehide', () => void firstRows?.flush(), { signal })
    window.addEventListener('pageshow', () => client.thawed(), { signal })
    const onFocus = () => {
      client.page('focused')
      void refresh()
    }
    window.addEventListener('focus', onFocus, { signal })
    window.addEventListener('online', () => client.page('online'), { signal })
    const stop = client.status.subscribe(() => {
      if (client.status.get().kind === 'signed-out') sessionStore().ended()
    })
    return () => {
      events.abort()
      stop()
    }
  }, [client])

  useEffect(() => {
    if (status === 'signed-in') client?.page('signed-in')
  }, [client, status])
}
