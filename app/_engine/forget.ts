/**
 * Removing what this browser keeps of a person who signed out, for browsers that others use as well (DEV-1).
 *
 * ```
 *  signed out ─▶ asked for (localStorage) ─▶ every tab closes its device ─▶ the leader's lock is free ─▶ removed
 *                     └── not done before the page went: the next start goes on, unless the person is back
 * ```
 */
import { removeDirectoriesOf, removeIndexedDb } from '@/db/browser-directories'
import { channelNames } from '@/lib/sync/device/tabs/words'
import { keptKey, marksPrefix, outboxName, seenName } from './names'
import { traceFailures } from './trace-failures'
import { hasUnsentWork } from './unsent'

const askedPrefix = 'beamline.forget.'
/** A tab closes its device a second after its person left; one that sleeps does not. */
const lockMs = 15_000

export type Forgotten =
  | 'gone'
  /** Something waits that the server does not know: nothing was removed, and nothing will be. */
  | 'unsent'
  /** Not all of it, as somebody still has it open. It is tried again whenever the app starts. */
  | 'open'

/** To be called when they are signed out. */
export async function forgetPerson(userId: string): Promise<Forgotten> {
  localStorage.setItem(askedPrefix + userId, '')
  try {
    return await withLock(userId, () => remove(userId))
  } catch (error) {
    traceFailures({ kind: 'failed', error })
    return 'open'
  }
}

/** Nothing is to be removed any more: the person is back, for example. */
export function keepPerson(userId: string): void {
  localStorage.removeItem(askedPrefix + userId)
}

/** Goes on with what was asked for before. */
export async function forgetTheRest(): Promise<void> {
  for (const name of storedKeys()) {
    if (name.startsWith(askedPrefix)) await forgetPerson(name.slice(askedPrefix.length))
  }
}

/** Whoever has the lock has the database open. */
function withLock<Result>(userId: string, work: () => Promise<Result>): Promise<Result> {
  if (!('locks' in navigator)) return work()
  return navigator.locks.request(channelNames(userId).everybody, { signal: AbortSignal.timeout(lockMs) }, work)
}

async function remove(userId: string): Promise<Forgotten> {
  if (localStorage.getItem(askedPrefix + userId) === null) return 'open'
  if (await hasUnsentWork(userId)) {
    keepPerson(userId)
    return 'unsent'
  }
  await removeDirectoriesOf(userId)
  await removeIndexedDb(outboxName(userId))
  await removeIndexedDb(seenName(userId))
  const isOurs = (name: string) => name === keptKey(userId) || name.startsWith(marksPrefix(userId))
  for (const name of storedKeys()) if (isOurs(name)) localStorage.removeItem(name)
  keepPerson(userId)
  return 'gone'
}

function storedKeys(): string[] {
  return Array.from({ length: localStorage.length }, (_, place) => localStorage.key(place) ?? '')
}
