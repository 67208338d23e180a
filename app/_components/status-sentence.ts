import type { SyncStatus } from '@/lib/sync/react'

export interface StatusWords {
  /** Two or three words for the badge. */
  readonly short: string
  /** One or two sentences that say what it means for the person's work. */
  readonly long: string
  readonly tone: 'good' | 'waiting' | 'quiet' | 'bad'
}

/** What the state of the connection means for a person. The work on this device goes on in every one of them. */
export function statusWords(status: SyncStatus): StatusWords {
  const { pendingCount, message } = status
  const waiting = pendingCount === 0 ? '' : `${changes(pendingCount)} ${pendingCount === 1 ? 'waits' : 'wait'}`
  switch (status.kind) {
    case 'starting':
      return { short: 'Starting', long: 'The database on this device is opening.', tone: 'quiet' }
    case 'loading':
      return { short: loadingShort(status.loading), long: loadingSentence(status.loading), tone: 'quiet' }
    case 'synced':
      return { short: 'Synced', long: 'Everything you did has reached the server.', tone: 'good' }
    case 'waiting':
      return { short: `${pendingCount} waiting`, long: `${waiting} for the server’s answer.`, tone: 'waiting' }
    case 'offline':
      return {
        short: pendingCount === 0 ? 'Offline' : `Offline · ${pendingCount} waiting`,
        long:
          status.lastExchangeAtMs === null
            ? emptyYet(waiting)
            : waiting === ''
              ? offlineCalm
              : `${waiting} on this device and will be sent once you are online.`,
        tone: 'waiting',
      }
    case 'signed-out':
      return {
        short: pendingCount === 0 ? 'Signed out' : `Signed out · ${pendingCount} waiting`,
        long: `Your session has ended. You can go on working here; sign in again to sync${waiting === '' ? '' : ` (${waiting})`}.`,
        tone: 'bad',
      }
    case 'needs-update':
      return {
        short: 'Update needed',
        long: message ?? 'The server runs a newer version. Reload to get it; your work is kept.',
        tone: 'bad',
      }
    case 'stopped':
      return { short: 'Sync stopped', long: message ?? stoppedCalm, tone: 'bad' }
  }
}

function loadingShort(loading: SyncStatus['loading']): string {
  if (loading === null || loading.ofRows === 0) return 'Loading'
  return `Loading ${Math.floor((100 * loading.rows) / loading.ofRows)}%`
}

function loadingSentence(loading: SyncStatus['loading']): string {
  if (loading === null) return 'Your projects are on their way to this device.'
  return `Loading ${loading.rows.toLocaleString('en')} of ${loading.ofRows.toLocaleString('en')} rows. You can work meanwhile.`
}

const offlineCalm = 'You can go on working. What you do is kept on this device and sent once you are online.'
/** A new device, or one whose directory was left aside: its rows come from the server. */
function emptyYet(waiting: string): string {
  const kept = waiting === '' ? '' : ` ${waiting} on this device.`
  return `Nothing is loaded on this device yet: your projects need the network once.${kept}`
}

const stoppedCalm =
  'Something is wrong and sync has stopped, so that nothing is damaged. Your work is kept on this device.'

function changes(count: number): string {
  return count === 1 ? '1 change' : `${count} changes`
}
