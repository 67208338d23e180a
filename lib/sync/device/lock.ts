/** One tab at a time has a user's database open: two openers of one directory destroy it (FM-14). */

/** The part of the Web Locks API that is needed. */
export interface Locks {
  request<Result>(
    name: string,
    options: { readonly ifAvailable?: boolean },
    work: (lock: unknown) => Promise<Result>,
  ): Promise<Result>
}

/**
 * Resolves with how to release the lock, once this tab has it. `onBusy` is called when another one has it; the wait ends
 * when that tab closes, however it does: the browser releases the locks of the dead.
 */
export async function takeLock(locks: Locks, name: string, onBusy: () => void): Promise<() => void> {
  const release = await request(locks, name, true)
  if (release !== null) return release
  onBusy()
  const later = await request(locks, name, false)
  if (later === null) throw new Error(`The browser answered without the lock ${name}.`)
  return later
}

/** A Web Lock is held as long as a promise is open: what is returned resolves that promise. */
function request(locks: Locks, name: string, ifAvailable: boolean): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    const hold = (lock: unknown) => {
      if (lock === null) {
        resolve(null)
        return Promise.resolve()
      }
      return new Promise<void>((release) => resolve(() => release()))
    }
    locks.request(name, { ifAvailable }, hold).catch(reject)
  })
}
