/** One term of one leader: from the lock to its release. Its desk works for all tabs meanwhile (TAB-1). */

import type { CandidateOptions } from './candidate'
import { hear } from './channel'
import { createDesk, type Desk, type OpenDevice } from './desk'
import { createFence } from './fence'
import { type Announcement, type Answer, type ChannelNames, type FromOwnWorker, type ToLeader, toLeader } from './words'

export interface ReignOptions extends Omit<CandidateOptions, 'locks'> {
  readonly tabId: string
  readonly opening: Parameters<CandidateOptions['claim']>[0]
  readonly names: ChannelNames
  readonly isStolen: boolean
  release(): void
  announce(said: Announcement): void
  send(message: FromOwnWorker): void
}

export interface Reign {
  /** Zero until it is claimed. */
  term(): number
  hear(message: ToLeader): void
  /** Says who leads. */
  beat(): void
  /** Once a second. */
  tick(): void
  /** Answers what was begun, closes the database and releases the lock. */
  resign(): Promise<void>
  /** The database belongs to somebody else: nothing more is done or said. */
  lose(): void
}

/** What was begun is answered, or asked again of the next leader. */
const drainMs = 3_000
const closeMs = 5_000

export function createReign(options: ReignOptions): Reign {
  const { tabId, opening, announce, schedule } = options
  const fence = createFence()
  const channels = createTabChannels(options)
  let term = 0
  let desk: Desk | null = null
  let isOpen = false
  let isOver = false

  const beat = () => {
    if (!desk || isOver) return
    announce({ kind: 'leading', term, tabId, build: opening.build, isOpen, tabs: desk.tabs() })
  }

  const start = async (): Promise<OpenDevice | null> => {
    const claim = await options.claim(opening)
    if (isOver) return null
    term = claim.term
    const reply = (to: string, answer: Answer) => channels.send(to, { kind: 'answer', term, answer })
    const atDesk = createDesk({ ...options, build: opening.build, reply, forget: channels.close })
    desk = atDesk
    hear(channels.inbox(term), toLeader, take)
    beat()
    try {
      const open = await claim.open({ isStolen: options.isStolen, fence })
      isOpen = true
      if (!isOver) atDesk.opened(open)
      return open
    } catch (error) {
      options.onFailure(error)
      atDesk.broken(error)
      return null
    } finally {
      beat()
    }
  }
  const take = (message: ToLeader) => {
    if (message.term === term) desk?.hear(message.tabId, message.request)
  }
  const started = start()

  const end = () => {
    isOver = true
    desk?.stop()
    channels.closeAll()
  }

  const resign = async () => {
    await endsWithin(schedule, drainMs, desk?.drain() ?? Promise.resolve())
    end()
    const closed = started.then((open) => open?.device.close())
    await endsWithin(schedule, closeMs, closed)
    fence.lose()
    options.release()
  }
  return {
    term: () => term,
    hear: take,
    beat,
    tick: () => {
      desk?.tick()
      beat()
    },
    resign,
    lose: () => {
      fence.lose()
      end()
    },
  }
}

/** A deadline, and no failure: what did not end is left behind. */
function endsWithin(schedule: ReignOptions['schedule'], ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = schedule(ms, resolve)
    const end = () => {
      cancel()
      resolve()
    }
    work.then(end, end)
  })
}

/** To its own page the leader speaks through the port of its worker, to other pages through a channel of theirs. */
function createTabChannels({ tabId, names, openChannel, send }: ReignOptions) {
  const channelByTab = new Map<string, ReturnType<typeof openChannel>>()
  const inboxes: ReturnType<typeof openChannel>[] = []
  const to = (other: string) => {
    const channel = channelByTab.get(other) ?? openChannel(names.tab(other))
    channelByTab.set(other, channel)
    return channel
  }
  const close = (other: string) => {
    channelByTab.get(other)?.close()
    channelByTab.delete(other)
  }
  return {
    send: (other: string, message: Extract<FromOwnWorker, { kind: 'answer' }>) =>
      other === tabId ? send(message) : to(other).postMessage(message),
    inbox: (term: number) => {
      const inbox = openChannel(names.inbox(term))
      inboxes.push(inbox)
      return inbox
    },
    close,
    closeAll: () => {
      for (const other of [...channelByTab.keys()]) close(other)
      for (const inbox of inboxes) inbox.close()
    },
  }
}
