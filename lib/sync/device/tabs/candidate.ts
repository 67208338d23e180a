/**
 * The worker of a tab: waits for its turn to lead, and leads (TAB-1).
 *
 * ```
 *                 lock is free, or stolen              database is open
 *  ┌─▶ candidate ─────────────────────────▶ opening ───────────────────▶ open
 *  │       │                                   │                          │
 *  │       └───────── a newer build is about, or its page closes ─────────┤
 *  │                             ▼                                        │ the lock was stolen (FM-26)
 *  │                          retired                                     ▼
 *  └──────────────────────────────────────── a new worker ◀──────────── lost
 * ```
 */
import type { Opening, Port } from '../worker-protocol'
import { hear, type OpenChannel } from './channel'
import type { OpenDevice } from './desk'
import { createElection, type Locks } from './election'
import type { Fence } from './fence'
import { fresh, heard, isSpent, limits, ticked, tickMs } from './patience'
import { createReign, type Reign } from './reign'
import { isOlder } from './versions'
import {
  type Announcement,
  announcement,
  channelNames,
  type FromOwnWorker,
  type Leading,
  type ToLeader,
  toOwnWorker,
} from './words'

export interface Claim {
  /** Greater than every term before, durably: from now on former leaders write nothing (FM-26). */
  readonly term: number
  open(reign: { readonly isStolen: boolean; readonly fence: Fence }): Promise<OpenDevice>
}

export interface CandidateOptions {
  /** Null in browsers without: then each tab leads for itself. */
  readonly locks: Locks | null
  readonly openChannel: OpenChannel
  schedule(ms: number, work: () => void): () => void
  now(): number
  claim(opening: Opening): Promise<Claim>
  onFailure(error: unknown): void
}

export interface Candidate {
  /** The engine says which action runs now. */
  running(action: { readonly id: string; readonly name: string } | null): void
  /** The outbox refused a write: somebody else leads. */
  lost(): void
}

export function serveTab(port: Port, options: CandidateOptions): Candidate {
  const send = (message: FromOwnWorker) => port.postMessage(message)
  let tab: Tab | null = null
  hear(port, toOwnWorker, (message) => {
    if (message.kind === 'open') tab ??= openTab({ ...options, ...message, send })
    else if (message.kind === 'resign') tab?.retire()
    else tab?.hear(message)
  })
  return {
    running: (action) => send({ kind: 'running', action }),
    lost: () => tab?.lost(),
  }
}

interface TabOptions extends CandidateOptions {
  readonly tabId: string
  readonly opening: Opening
  send(message: FromOwnWorker): void
}

interface Tab {
  hear(message: ToLeader): void
  retire(): void
  lost(): void
}

function openTab(options: TabOptions): Tab {
  const { opening, locks, send, schedule } = options
  const names = channelNames(opening.userId)
  const everybody = options.openChannel(names.everybody)
  const announce = (said: Announcement) => {
    everybody.postMessage(said)
    send({ kind: 'public', announcement: said })
  }
  let reign: Reign | null = null
  let isOver = false

  const lead = ({ isStolen, release }: { isStolen: boolean; release(): void }) => {
    if (isOver) return release()
    reign = createReign({ ...options, names, isStolen, release, announce })
  }
  const lost = () => {
    if (!reign || isOver) return
    isOver = true
    reign.lose()
    send({ kind: 'lost' })
  }
  const election = createElection({
    locks: locks ?? noLocks,
    name: names.everybody,
    onFailure: options.onFailure,
    schedule,
    onLead: lead,
    onLost: lost,
  })
  const watch = createWatch(options, { announce, steal: election.steal })

  const retire = () => {
    if (isOver) return
    isOver = true
    election.withdraw()
    void (reign?.resign() ?? Promise.resolve()).then(() => send({ kind: 'resigned' }))
  }

  hear(everybody, announcement, (said) => {
    if ((said.kind === 'leading' || said.kind === 'seek') && isOlder(opening.build, said.build)) return retire()
    if (said.kind === 'seek') reign?.beat()
    if (said.kind !== 'leading') return
    watch.heard(said)
    if (reign && said.term > reign.term()) lost()
  })

  const tick = () => {
    schedule(tickMs, tick)
    if (reign) reign.tick()
    else if (!isOver) watch.tick()
  }
  election.stand()
  announce({ kind: 'seek', tabId: options.tabId, build: opening.build })
  schedule(tickMs, tick)
  return { hear: (message) => reign?.hear(message), retire, lost }
}

/** Whoever asks has it at once: nobody else can see this tab's memory. */
const noLocks: Locks = { request: (_name, _options, work) => work(null) }

/** Watches the leader's beats: a leader that keeps its lock and says nothing is frozen, or beyond help. */
function createWatch({ now }: TabOptions, { announce, steal }: { announce(said: Announcement): void; steal(): void }) {
  let patience = fresh
  let term = 0
  return {
    heard: (said: Leading) => {
      term = Math.max(term, said.term)
      patience = heard(patience, said.isOpen)
    },
    tick: () => {
      const before = patience
      patience = ticked(patience, now())
      if (isSpent(patience, limits.warn) && !isSpent(before, limits.warn)) announce({ kind: 'silent', term })
      if (!isSpent(patience, limits.steal)) return
      patience = fresh
      steal()
    },
  }
}
