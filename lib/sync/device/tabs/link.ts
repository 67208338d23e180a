/** A tab's line to whoever leads: where the leader is, and the way there and back (TAB-1). */
import type { Opening } from '../worker-protocol'
import { type Channel, hear, type OpenChannel } from './channel'
import { createKeeper, type Keeper, type OwnWorker, type RunningAction } from './keeper'
import { isOlder } from './versions'
import {
  type Announcement,
  type Answer,
  announcement,
  type ChannelNames,
  channelNames,
  type FromLeader,
  fromLeader,
  type Leading,
  type Request,
  type ToLeader,
} from './words'

export interface LinkOptions {
  readonly tabId: string
  readonly opening: Opening
  readonly openChannel: OpenChannel
  spawn(): OwnWorker
  schedule(ms: number, work: () => void): () => void
  now(): number
}

export interface LinkEvents {
  /** There is another leader, or the same one forgot this tab. */
  onLeader(): void
  onNewerBuild(): void
  onAnswer(answer: Exclude<Answer, { kind: 'rejoin' }>): void
  onEnded(action: RunningAction): void
  isWaiting(): boolean
}

export interface Link {
  /** To the leader; to nobody while nobody leads. */
  send(request: Request): void
  freezing(): void
  thawed(): void
  close(): Promise<void>
}

const pingMs = 20_000
/** A word lost between two leaders is made good so soon (FM-23, FM-24). */
const seekMs = 2_000

export function createLink(options: LinkOptions, events: LinkEvents): Link {
  const { tabId, opening, openChannel, schedule } = options
  const names = channelNames(opening.userId)
  const [everybody, mine] = [openChannel(names.everybody), openChannel(names.tab(tabId))]
  const line = createLine(options, names, (message) => keeper.send(message))
  let isClosed = false

  const heard = (said: Announcement) => {
    if (isClosed) return
    keeper.heard(said)
    if ((said.kind === 'leading' || said.kind === 'seek') && isOlder(opening.build, said.build)) events.onNewerBuild()
    if (said.kind === 'leading' && line.follow(said)) events.onLeader()
    if (said.kind === 'ended') events.onEnded({ id: said.actionId, name: said.name })
  }
  const answered = ({ term, answer }: FromLeader) => {
    if (term !== line.term() || isClosed) return
    if (answer.kind === 'rejoin') events.onLeader()
    else events.onAnswer(answer)
  }
  const announce = (said: Announcement) => everybody.postMessage(said)
  const seek = () => announce({ kind: 'seek', tabId, build: opening.build })

  const keeper = createKeeper({
    ...options,
    onMessage: (message) => (message.kind === 'public' ? heard(message.announcement) : answered(message)),
    onEnded: (action) => {
      announce({ kind: 'ended', actionId: action.id, name: action.name })
      events.onEnded(action)
    },
  })
  hear(everybody, announcement, heard)
  hear(mine, fromLeader, answered)
  const repeat = (ms: number, work: () => void): void => {
    schedule(ms, () => {
      if (isClosed) return
      work()
      repeat(ms, work)
    })
  }
  repeat(seekMs, () => {
    if (line.term() === 0 || events.isWaiting()) seek()
  })
  repeat(pingMs, () => line.send({ kind: 'ping' }))
  seek()

  return {
    send: line.send,
    freezing: () => keeper.freezing(),
    thawed: () => {
      keeper.thawed()
      seek()
      line.send({ kind: 'ping' })
    },
    close: async () => {
      line.send({ kind: 'leave' })
      isClosed = true
      await keeper.close()
      line.close()
      for (const channel of [everybody, mine]) channel.close()
    },
  }
}

/** The way to the leader of the latest term: the port of the own worker, or the inbox of another. */
function createLine({ tabId, openChannel }: LinkOptions, names: ChannelNames, toOwnWorker: Keeper['send']) {
  let leader: Leading | null = null
  let inbox: Channel | null = null
  return {
    term: () => leader?.term ?? 0,
    /** Answers whether somebody else leads now. */
    follow: (said: Leading): boolean => {
      if (said.term <= (leader?.term ?? 0)) return false
      leader = said
      inbox?.close()
      inbox = said.tabId === tabId ? null : openChannel(names.inbox(said.term))
      return true
    },
    send: (request: Request) => {
      if (!leader) return
      const message: ToLeader = { kind: 'request', tabId, term: leader.term, request }
      if (inbox) inbox.postMessage(message)
      else toOwnWorker(message)
    },
    close: () => inbox?.close(),
  }
}
