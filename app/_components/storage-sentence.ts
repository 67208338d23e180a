import type { SyncStatus } from '@/lib/sync/react'

/** Where this browser keeps the database, when a person should know. */
export function storageSentence(storage: SyncStatus['storage']): string | null {
  if (storage === 'memory') return 'This browser keeps nothing: what you see here is gone when the tab closes.'
  return null
}

/** While there is no room. What waits is safe, and what is new is not taken. */
export function fullSentence(pendingCount: number): string {
  const kept =
    pendingCount === 0
      ? ''
      : pendingCount === 1
        ? ' 1 change that waits is kept.'
        : ` ${pendingCount} changes that wait are kept.`
  return `This browser has no room left, so nothing new can be kept. Free some space on this device; it goes on by itself.${kept}`
}

/** The browser threw away what it had kept; `count` changes had not reached the server. */
export function lostSentence(count: number): string {
  const begun = 'This browser removed what it had kept of Beamline.'
  const loaded = 'Everything on the server is loaded again.'
  if (count === 0) return `${begun} ${loaded} Nothing of yours was lost.`
  const gone = count === 1 ? '1 change that had not been sent is' : `${count} changes that had not been sent are`
  return `${begun} ${loaded} ${gone} gone. In the settings you can ask the browser to keep your data.`
}

/** In words a person can compare with what their device says; null when the browser does not tell. */
export function spaceWords(bytes: number | null): string {
  if (bytes === null) return 'The browser does not say'
  if (bytes < 1_000_000) return 'Less than 1 MB'
  if (bytes < 1_000_000_000) return `About ${Math.round(bytes / 1_000_000)} MB`
  return `About ${(bytes / 1_000_000_000).toFixed(1)} GB`
}

/** What was not uploaded; `oldest` says when the first of it was done, as in "5 min ago". */
export function unsentWords(count: number, oldest: string | null): string {
  if (count === 0) return 'Nothing: the server has everything'
  const changes = count === 1 ? '1 change' : `${count} changes`
  return oldest === null ? changes : `${changes}, ${count === 1 ? 'made' : 'the oldest'} ${oldest}`
}

/** Whether the browser may remove what it keeps; null when it does not say. */
export function persistenceSentence(isPersisted: boolean | null, pendingCount: number): string {
  if (isPersisted === null) return 'This browser does not say whether it may remove what it keeps.'
  if (isPersisted) return 'The browser has promised to keep this data until you remove it.'
  const may = 'The browser may remove this data when space runs out.'
  if (pendingCount === 0) return `${may} The server has everything, so it would be loaded again.`
  const lost = pendingCount === 1 ? 'the change that waits' : `the ${pendingCount} changes that wait`
  return `${may} You would lose ${lost}.`
}
