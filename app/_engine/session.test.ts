import { afterEach, describe, expect, test, vi } from 'vitest'
import { createSessionStore, sessionKey } from './session'

const ann = { id: 'ann', name: 'Ann', email: 'ann@example.com' }
const json = (body: unknown, status = 200) => Response.json(body, { status })

function createStorage(remembered?: unknown): Storage {
  const items = new Map<string, string>()
  if (remembered !== undefined) items.set('beamline.session', JSON.stringify(remembered))
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  } as Storage
}

function open(answer: () => Response | Promise<Response>, remembered?: unknown) {
  vi.stubGlobal('fetch', async () => answer())
  const storage = createStorage(remembered)
  return { store: createSessionStore(storage), storage }
}

afterEach(() => vi.unstubAllGlobals())

const offline = () => {
  throw new TypeError('Failed to fetch')
}

describe('who is signed in', () => {
  test('[DEV-1] is what the server says, and remembered', async () => {
    const { store, storage } = open(() => json({ session: {}, user: { ...ann, extra: 1 } }))
    expect(store.get()).toEqual({ status: 'loading', user: null })
    await store.refresh()
    expect(store.get()).toEqual({ status: 'signed-in', user: ann })
    expect(createSessionStore(storage).get()).toEqual({ status: 'signed-in', user: ann })
  })

  test('[NET-1] without a network the memory of this device stands', async () => {
    const { store } = open(offline, ann)
    await store.refresh()
    expect(store.get()).toEqual({ status: 'signed-in', user: ann })
  })

  test('[NET-1] neither a captive portal nor a server in trouble signs anybody out', async () => {
    for (const answer of [
      () => new Response('<html>'),
      () => json({ message: 'no' }, 500),
      () => json({ odd: true }),
    ]) {
      const { store } = open(answer, ann)
      await store.refresh()
      expect(store.get().user).toEqual(ann)
    }
  })

  test('[DEV-1] a session that ended keeps its user: work goes on in that database', async () => {
    const { store } = open(() => json(null), ann)
    await store.refresh()
    expect(store.get()).toEqual({ status: 'signed-out', user: ann })
  })

  test('[DEV-1] somebody else who signed in is somebody else here too', async () => {
    const { store } = open(() => json({ user: { ...ann, id: 'ben' } }), ann)
    await store.refresh()
    expect(store.get().user?.id).toBe('ben')
  })

  test('nobody is signed in when the server cannot be asked and nobody is remembered', async () => {
    const { store } = open(offline, { odd: 1 })
    await store.refresh()
    expect(store.get()).toEqual({ status: 'signed-out', user: null })
  })

  test('[DEV-1] signing out forgets the user; without a network it says why it did not', async () => {
    const { store, storage } = open(offline, ann)
    await expect(store.signOut()).rejects.toThrow('network')
    expect(store.get().user).toEqual(ann)
    vi.stubGlobal('fetch', async () => json({ success: true }))
    await store.signOut()
    expect(store.get()).toEqual({ status: 'signed-out', user: null })
    expect(storage.getItem('beamline.session')).toBeNull()
  })

  test('[DEV-1] [FM-50] what is to be thrown away with signing out is thrown away only when that works, and before it shows', async () => {
    let isReachable = false
    const { store } = open(() => (isReachable ? json({ success: true }) : offline()), ann)
    const seen: unknown[] = []
    const discard = async () => void seen.push(store.get().user)
    await expect(store.signOut(discard)).rejects.toThrow('network')
    expect(seen).toEqual([])
    isReachable = true
    await store.signOut(discard)
    expect(seen).toEqual([ann])
    expect(store.get()).toEqual({ status: 'signed-out', user: null })
  })

  test('[DEV-1, TAB-1] whoever signs out or in does so in all tabs', async () => {
    const { store, storage } = open(() => json({ success: true }), ann)
    const other = createSessionStore(storage)
    const seen: unknown[] = []
    other.subscribe(() => seen.push(other.get()))
    await store.signOut()
    other.heard(storage.getItem(sessionKey))
    other.heard(JSON.stringify({ ...ann, id: 'ben' }))
    expect(seen).toEqual([
      { status: 'signed-out', user: null },
      { status: 'signed-in', user: { ...ann, id: 'ben' } },
    ])
  })

  test('[DEV-1] an answer from before signing out signs nobody in again', async () => {
    let answer = (_response: Response): void => undefined
    const slow = new Promise<Response>((resolve) => {
      answer = resolve
    })
    const { store, storage } = open(() => slow, ann)
    const refreshing = store.refresh()
    vi.stubGlobal('fetch', async () => json({ success: true }))
    await store.signOut()
    answer(json({ user: ann }))
    await refreshing
    expect(store.get()).toEqual({ status: 'signed-out', user: null })
    expect(storage.getItem(sessionKey)).toBeNull()
  })
})
