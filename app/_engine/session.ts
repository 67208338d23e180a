/**
 * Who is signed in, as this device remembers it. The server's session decides what is exchanged; the memory here decides
 * whose database is open, so that work goes on without a network and after a session ended.
 */
import { z } from 'zod'

const sessionUser = z.object({ id: z.string().min(1), name: z.string(), email: z.string() })
export type SessionUser = z.infer<typeof sessionUser>

export interface SessionState {
  /** `loading`: not known yet. `signed-out` with a user: the session ended, and work goes on in that user's database. */
  readonly status: 'loading' | 'signed-in' | 'signed-out'
  readonly user: SessionUser | null
}

export interface SessionStore {
  get(): SessionState
  subscribe(listener: () => void): () => void
  /** Asks the server who is signed in. Without a network the memory of this device stands. */
  refresh(): Promise<void>
  /** The server said that there is no session. */
  ended(): void
  /** Another tab of this browser wrote under `sessionKey`: somebody signed in there, or out. */
  heard(stored: string | null): void
  /**
   * Ends the session and forgets who it was. The database and what waits in it stay on this device (DEV-1). `before` is
   * done in between: only once the session has ended, and while the device is still that of its person.
   */
  signOut(before?: () => Promise<void>): Promise<void>
}

export const sessionKey = 'beamline.session'
export const loadingSession: SessionState = { status: 'loading', user: null }

type Asked = { readonly kind: 'user'; readonly user: SessionUser } | { readonly kind: 'nobody' | 'unknown' }

export function createSessionStore(storage: Storage): SessionStore {
  const remembered = readUser(storage.getItem(sessionKey))
  let state: SessionState = remembered ? { status: 'signed-in', user: remembered } : loadingSession
  /** How often somebody signed in or out here: what was asked before is not believed after. */
  let changes = 0
  const listeners = new Set<() => void>()

  const set = (next: SessionState) => {
    if (next.status === state.status && JSON.stringify(next.user) === JSON.stringify(state.user)) return
    state = next
    for (const listener of [...listeners]) listener()
  }

  return {
    get: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    refresh: async () => {
      const before = changes
      const asked = await askServer()
      if (before !== changes) return
      if (asked.kind === 'user') {
        storage.setItem(sessionKey, JSON.stringify(asked.user))
        set({ status: 'signed-in', user: asked.user })
      } else if (asked.kind === 'nobody' || state.user === null) {
        set({ status: 'signed-out', user: state.user })
      }
    },
    ended: () => set({ status: 'signed-out', user: state.user }),
    heard: (stored) => {
      changes += 1
      const user = readUser(stored)
      set({ status: user ? 'signed-in' : 'signed-out', user })
    },
    signOut: async (before) => {
      changes += 1
      await endSession()
      await before?.()
      changes += 1
      storage.removeItem(sessionKey)
      set({ status: 'signed-out', user: null })
    },
  }
}

function readUser(stored: string | null): SessionUser | null {
  try {
    return sessionUser.parse(JSON.parse(stored ?? 'null'))
  } catch {
    return null
  }
}

async function askServer(): Promise<Asked> {
  try {
    const response = await fetch('/api/auth/get-session', { cache: 'no-store', redirect: 'error' })
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
    if (!response.ok || !isJson) return { kind: 'unknown' }
    const answer: unknown = await response.json()
    if (answer === null) return { kind: 'nobody' }
    return { kind: 'user', user: z.object({ user: sessionUser }).parse(answer).user }
  } catch {
    // No network, a captive portal, or a server in trouble: none of them says who is signed in.
    return { kind: 'unknown' }
  }
}

/** Throws when the server did not hear it: a session that lives on must not look ended. */
async function endSession(): Promise<void> {
  const unreachable = 'Signing out needs a network, because the session lives on the server.'
  const response = await fetch('/api/auth/sign-out', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  }).catch((cause: unknown) => {
    throw new Error(unreachable, { cause })
  })
  if (!response.ok && response.status !== 401) throw new Error(unreachable)
}
