/** What a person is told about the connection. Pure. */
import type { PushState } from '../core/push-loop'
import type { SyncStatus } from './views'

export interface StatusQuestion {
  readonly push: PushState
  /** The last answer said that this app must be updated. */
  readonly isOutdated: boolean
  readonly waitingCount: number
  /** Null until the first exchange of this device was answered. */
  readonly lastExchangeAtMs: number | null
  /** The first rows are still on their way. */
  readonly isLoading: boolean
  /** Rows of large audiences that are on their way. */
  readonly loading: SyncStatus['loading']
  readonly failure: string | null
  readonly storage: SyncStatus['storage']
  readonly isFull: boolean
  readonly begunAs: string | null
}

export function statusOf(question: StatusQuestion): SyncStatus {
  const { waitingCount: pendingCount, lastExchangeAtMs, storage, loading, isFull, begunAs } = question
  const message = messageOf(question)
  return { kind: kindOf(question), pendingCount, lastExchangeAtMs, message, storage, loading, isFull, begunAs }
}

function kindOf({ push, isOutdated, isLoading, loading, waitingCount }: StatusQuestion): SyncStatus['kind'] {
  switch (push.kind) {
    case 'stopped':
      return 'stopped'
    case 'signed-out':
      return 'signed-out'
    case 'waiting':
      if (push.why === 'refused') return 'needs-update'
      if (push.why !== 'busy' && push.why !== 'storage') return 'offline'
      break
    case 'exchanging':
      // A first try after a failure does not mean that the network is back.
      if (push.attempt > 0 && !isOutdated) return 'offline'
      break
    case 'idle':
      break
  }
  if (isOutdated) return 'needs-update'
  if (isLoading || loading !== null) return 'loading'
  return waitingCount > 0 ? 'waiting' : 'synced'
}

function messageOf({ push, isOutdated, failure, storage, isFull }: StatusQuestion): string | null {
  if (push.kind === 'stopped')
    return `Sync stopped because of a fault in the app. Your work is kept. ${failure ?? ''}`.trim()
  if (isFull) return 'There is no room left in this browser: nothing new can be kept until there is some again.'
  if (push.kind === 'waiting' && push.why === 'invalid') {
    return (
      failure ?? 'Something between this device and the server answers in its place. Is there a network sign-in page?'
    )
  }
  if (push.kind === 'waiting' && push.why === 'server') return 'The server has a problem and is tried again.'
  if ((push.kind === 'waiting' && push.why === 'refused') || isOutdated)
    return 'The server runs another version of this app. Reload to get it; your work is kept.'
  return storage === 'memory' ? 'Not kept on this device: this browser offers no storage here.' : null
}
