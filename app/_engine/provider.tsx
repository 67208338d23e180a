'use client'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { FirstRows } from '@/lib/sync/device/first-rows'
import type { Tab } from '@/lib/sync/device/tabs/outlet'
import { BeamlineProvider } from '@/lib/sync/react'
import { acquireDevice, releaseDevice } from './device'
import { openFirstRows } from './first-rows'
import { forgetTheRest, keepPerson } from './forget'
import { leave } from './kept'
import { keepApp } from './offline/register'
import { prefetchDatabase } from './prefetch'
import { createSessionStore, loadingSession, type SessionState, type SessionStore, sessionKey } from './session'

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
  useEffect(() => void forgetTheRest(), [])
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
const signOut: Session['signOut'] = async (before) => {
  await sessionStore().signOut(async () => {
    await before?.()
    await endPages()
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

/** Whoever uses this browser next sees nothing of it: what is shown first goes with the session. */
async function endPages(): Promise<void> {
  const { user } = sessionStore().get()
  if (user === null) return
  leave(user.id)
  await firstRowsOf(user.id)?.end()
}

/** Whoever signs out or in does so in every tab. */
function hearOtherTabs({ key, newValue }: StorageEvent): void {
  if (key !== sessionKey) return
  const { user } = sessionStore().get()
  const isSame = user !== null && newValue === JSON.stringify(user)
  if (isSame) return
  void endPages()
  sessionStore().heard(newValue)
  firstRows = null
}

function useSessionStore(): Session {
  const state = useSyncExternalStore(
    subscribe,
    () => sessionStore().get(),
    () => loadingSession,
  )
  useEffect(() => {
    void refresh()
    window.addEventListener('storage', hearOtherTabs)
    return () => window.removeEventListener('storage', hearOtherTabs)
  }, [])
  return useMemo(() => ({ ...state, signOut, refresh }), [state])
}

function useDeviceOf(userId: string | null): Tab | null {
  const [client, setClient] = useState<Tab | null>(null)
  useEffect(() => {
    if (userId === null) return
    keepPerson(userId)
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
