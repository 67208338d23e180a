/**
 * The words between tabs, and between a tab and its own worker (TAB-1). Everybody hears announcements; what one tab asks of
 * the leader goes to the leader's inbox, and its answers to the channel of that tab. Terms count leaders: whoever speaks
 * of an older term is not heard.
 *
 * ```
 *  page A ── port ── worker A (leads term 7) ── PGlite
 *  page B ── inbox of term 7 ──▶ │
 *         ◀── channel of tab B ──┘
 *  everybody: who leads (a beat each second), who seeks, what was ended
 * ```
 *
 * Announcements are read by other builds of the app as well: they grow, and never change.
 */
import { z } from 'zod'
import { call, fromWorker, opening } from '../worker-protocol'

const term = z.number().int()
const id = z.number().int()

export const announcement = z.discriminatedUnion('kind', [
  /** The leader, each second and to whoever seeks. `tabs` counts those it works for. */
  z.looseObject({
    kind: z.literal('leading'),
    term,
    tabId: z.string(),
    build: z.string(),
    isOpen: z.boolean(),
    tabs: z.number(),
  }),
  z.looseObject({ kind: z.literal('seek'), tabId: z.string(), build: z.string() }),
  /** To the page of a leader that does not beat any more: its worker should be ended. */
  z.looseObject({ kind: z.literal('silent'), term }),
  /** This action did not end, so its worker was. Nobody runs it again. */
  z.looseObject({ kind: z.literal('ended'), actionId: z.string(), name: z.string() }),
])
export type Announcement = z.infer<typeof announcement>
export type Leading = Extract<Announcement, { kind: 'leading' }>

export const request = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('join'), build: z.string(), isVisible: z.boolean() }),
  z.strictObject({ kind: z.literal('ping') }),
  z.strictObject({ kind: z.literal('leave') }),
  /** Not begun any more after `untilMs`, in milliseconds since 1970: its caller has given up by then. */
  z.strictObject({ kind: z.literal('call'), id, call, untilMs: z.number() }),
  z.strictObject({ kind: z.literal('await'), actionId: z.string() }),
  z.strictObject({ kind: z.literal('watch'), id, sql: z.string(), params: z.array(z.unknown()) }),
  z.strictObject({ kind: z.literal('unwatch'), id }),
  /** The page became visible or hidden, got the focus, found the network again, or has a session again. */
  z.strictObject({ kind: z.literal('page'), change: z.enum(['visible', 'hidden', 'focused', 'online', 'signed-in']) }),
])
export type Request = z.infer<typeof request>
/** What a page tells its device about itself. */
export type PageChange = Extract<Request, { kind: 'page' }>['change']

export const toLeader = z.strictObject({ kind: z.literal('request'), tabId: z.string(), term, request })
export type ToLeader = z.infer<typeof toLeader>

/** `rejoin`: the leader does not know this tab (any more). */
const answer = z.discriminatedUnion('kind', [...fromWorker.options, z.strictObject({ kind: z.literal('rejoin') })])
export type Answer = z.infer<typeof answer>

export const fromLeader = z.strictObject({ kind: z.literal('answer'), term, answer })
export type FromLeader = z.infer<typeof fromLeader>

/** From a page to its own worker. */
export const toOwnWorker = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open'), tabId: z.string(), opening }),
  /** Closes the database, if it has it, and lets another tab lead. */
  z.strictObject({ kind: z.literal('resign') }),
  toLeader,
])
export type ToOwnWorker = z.infer<typeof toOwnWorker>

/** From a worker to its own page. */
export const fromOwnWorker = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('public'), announcement }),
  /** The action that runs now; null when none does. */
  z.strictObject({
    kind: z.literal('running'),
    action: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
  }),
  /** Another tab took the database over: what this worker still does counts for nothing. */
  z.strictObject({ kind: z.literal('lost') }),
  z.strictObject({ kind: z.literal('resigned') }),
  fromLeader,
])
export type FromOwnWorker = z.infer<typeof fromOwnWorker>

export const channelNames = (userId: string) => ({
  everybody: `beamline:${userId}`,
  tab: (tabId: string) => `beamline:${userId}:tab:${tabId}`,
  inbox: (term: number) => `beamline:${userId}:inbox:${term}`,
})
export type ChannelNames = ReturnType<typeof channelNames>
