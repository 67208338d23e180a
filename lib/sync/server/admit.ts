/**
 * Admission: which offers become part of history, and with which canonical clock. Inside the transaction, under the
 * locks, in push order (AUD-4, HLC-3, HLC-4, ING-2).
 */
import { allNamed } from '../core/audience'
import { type Clock, decodeClock } from '../core/hlc'
import type { Receipt } from '../core/protocol'
import type { IdRow, KnownId } from '../store/server/history'
import type { ServerTransaction } from '../store/server/transaction'
import type { ServerEngine } from './engine'
import { afterRestore, type Newcomer, type Offer, turnedAway } from './newcomer'
import { stamp } from './stamp'

/** How far a clock may be ahead of the server. Devices learn their offset at every exchange, so honest ones are not. */
export const aheadMsMax = 10_000

export interface Push {
  readonly author: string
  readonly clientId: string
  readonly offers: readonly Offer[]
  /**
   * Server code keeps no ordinals and no clock: its actions are numbered and stamped here, under the locks, after
   * everything their audiences hold. So the next call sees what the one before did, in the same millisecond too (ACT-8).
   */
  readonly numbering: 'client' | 'server'
  /** Throws when the device follows another history than this transaction sees (ING-0). */
  expectHistory?(tx: ServerTransaction): Promise<void>
}

export type Admission =
  | {
      readonly kind: 'admitted'
      readonly newcomers: readonly Newcomer[]
      /** Of offers that were known, held or refused. */
      readonly receipts: readonly Receipt[]
      /** Refused ones, to be kept for ever. */
      readonly refused: readonly IdRow[]
    }
  /** A clock of the push is too far ahead: nothing of it is taken (HLC-3). */
  | { readonly kind: 'ahead'; readonly above: Clock | null; readonly receipts: readonly Receipt[] }
  /** Another action holds an ordinal of this client, or the client is another user's: take a new client id (HLC-4). */
  | { readonly kind: 'fork' }

export async function admit(engine: ServerEngine, tx: ServerTransaction, push: Push): Promise<Admission> {
  const client = await tx.history.readClient(push.clientId)
  if (client && client.userId !== push.author) return { kind: 'fork' }
  const known = await tx.history.knownIds(push.offers.map(({ offered }) => offered.id))
  const receipts = push.offers.flatMap((offer) => answerKnown(push, offer, known))
  const unknown = withoutRepeats(push.offers.filter(({ offered }) => !known.has(offered.id)))
  const fresh = push.numbering === 'server' ? await numberedHere(tx, push.clientId, unknown) : unknown
  const holders = await tx.history.idsByOrdinal(
    push.clientId,
    fresh.map(({ offered }) => offered.ordinal),
  )
  if (holders.size > 0 || hasSharedOrdinals(fresh)) return { kind: 'fork' }
  const bound = engine.now() + aheadMsMax
  if (fresh.some(({ offered }) => decodeClock(offered.clock).ms > bound)) {
    return { kind: 'ahead', above: client?.lastClock || null, receipts }
  }
  const judged = await judge(engine, tx, { push, fresh })
  const newcomers = await stamp(engine, tx, { push, admitted: judged.admitted, known: receipts })
  return { kind: 'admitted', newcomers, receipts: [...receipts, ...judged.receipts], refused: judged.refused }
}

function answerKnown(push: Push, offer: Offer, known: ReadonlyMap<string, KnownId>): Receipt[] {
  const found = known.get(offer.offered.id)
  if (!found) return []
  if (found.hash === offer.hash && found.author === push.author) return [found.receipt]
  const clientId = push.clientId
  return [turnedAway({ offered: offer.offered, clientId }, { status: 'refused', reason: 'invalid-id', revision: 0 })]
}

async function numberedHere(tx: ServerTransaction, clientId: string, offers: readonly Offer[]): Promise<Offer[]> {
  const before = await tx.history.lastOrdinal(clientId)
  return offers.map((offer, index) => {
    const offered = { ...offer.offered, ordinal: before + 1 + index }
    return offer.kind === 'runnable'
      ? { ...offer, offered, newcomer: { ...offer.newcomer, offered } }
      : { ...offer, offered }
  })
}

function withoutRepeats(offers: readonly Offer[]): Offer[] {
  return [...new Map(offers.map((offer) => [offer.offered.id, offer])).values()]
}

function hasSharedOrdinals(offers: readonly Offer[]): boolean {
  return new Set(offers.map(({ offered }) => offered.ordinal)).size < offers.length
}

interface Judgement {
  readonly admitted: Newcomer[]
  readonly receipts: Receipt[]
  readonly refused: IdRow[]
}

/** Who may: the author holds every named audience at the head, counting those founded earlier in the push (AUD-4). */
async function judge(
  engine: ServerEngine,
  tx: ServerTransaction,
  { push, fresh }: { readonly push: Push; readonly fresh: readonly Offer[] },
): Promise<Judgement> {
  const judgement: Judgement = { admitted: [], receipts: [], refused: [] }
  const runnable = fresh.flatMap((offer) => (offer.kind === 'runnable' ? [offer.newcomer] : []))
  const missing = new Set(
    await tx.rows.missingAudiences(
      push.author,
      runnable.flatMap((newcomer) => allNamed(newcomer)),
    ),
  )
  for (const offer of fresh) {
    if (offer.kind === 'runnable') {
      const { founded } = offer.newcomer.audiences
      if (allNamed(offer.newcomer).every((audience) => founded.includes(audience) || !missing.has(audience))) {
        judgement.admitted.push(offer.newcomer)
        for (const audience of founded) missing.delete(audience)
        continue
      }
    }
    const verdict = verdictOn(offer)
    const receipt = turnedAway({ offered: offer.offered, clientId: push.clientId }, { ...verdict, revision: 1 })
    judgement.receipts.push(receipt)
    const { id: actionId, name } = offer.offered
    engine.trace({ kind: 'refused', actionId, name, reason: verdict.reason })
    if (verdict.status === 'refused') {
      judgement.refused.push({ hash: offer.hash, author: push.author, ordinal: offer.offered.ordinal, receipt })
    }
  }
  return judgement
}

/** Of what may not run. Once confirmed and then lost with its history, it waits: the refusal may be the restore's fault. */
function verdictOn(offer: Offer): { readonly status: 'refused' | 'held'; readonly reason: string } {
  if (offer.kind === 'held') return { status: 'held', reason: offer.reason }
  if (offer.offered.wasConfirmed) return { status: 'held', reason: afterRestore }
  return { status: 'refused', reason: offer.kind === 'runnable' ? 'authority' : offer.reason }
}
