/**
 * Writes down what an ingest did: log entries per audience, receipts, accepted actions, since when grants hold. The last
 * step of the transaction; everything is known, so it takes a handful of statements whatever the size of the push.
 */
import { allNamed, userAudience } from '../core/audience'
import type { IsExactNumber } from '../core/effect'
import { laterClock } from '../core/hlc'
import { changesByAudience, type NetChange, netChanges } from '../core/images'
import type { LogEntry, Receipt } from '../core/protocol'
import type { RunOutcome } from '../store/run-action'
import type { AcceptedAction, IdRow } from '../store/server/history'
import type { AudienceHead } from '../store/server/log'
import type { ServerTransaction } from '../store/server/transaction'
import type { ServerEngine } from './engine'
import { noteGrants } from './grants'
import type { Taken } from './ingest'
import { type DraftEntry, numberEntries } from './log'
import { afterRestore, type Newcomer, turnedAway } from './newcomer'
import type { NewResult } from './paths'
import { revisedReceipt, revisionsOf } from './revisions'
import { detailsOf, type Verdict, verdictOf } from './verdict'

export interface Recording extends Taken {
  readonly refused: readonly IdRow[]
  readonly author: string
}

export interface Recorded {
  /** Of the newcomers. */
  readonly receipts: readonly Receipt[]
  /** Return values of applied newcomers, by action id. */
  readonly values: ReadonlyMap<string, unknown>
  /** Audiences that have new entries. */
  readonly appended: readonly string[]
}

export async function record(engine: ServerEngine, tx: ServerTransaction, recording: Recording): Promise<Recorded> {
  const { isExactNumber } = tx.rows
  await tx.endRuns()
  const held = recording.path.results.filter(isHeld)
  const results = recording.path.results.filter((result) => !isHeld(result))
  const path = { ...recording.path, results: results.map((result) => judged(result, isExactNumber)) }
  const accepted = path.results.flatMap((result) => acceptedOf(engine, result))
  const revisions = await revisionsOf(tx, path.replays)
  const revised = revisions.map(({ action }) => action)
  const named = [...accepted, ...revised].flatMap((action) => [...allNamed(action), userAudience(action.author)])
  const heads = await tx.log.readHeads([
    ...new Set([...named, ...audiencesOfPath(path), userAudience(recording.author)]),
  ])
  const headsBefore = new Map(heads)
  const drafts = path.correction ? lateDrafts(path.results, path.correction) : path.results.flatMap(fastDrafts)

  const place = {
    heads,
    ingest: engine.newId(),
    stamp: Math.max(engine.now() * 1_000, ...[...heads.values()].map((head) => head.lastStamp + 1)),
    newToken: () => engine.newId().replaceAll('-', ''),
  }
  const entries = numberEntries(drafts, place)
  // Each author with new receipts gets one entry more in `user:`; positions are the heads after that.
  const authors = new Set([...accepted, ...revised].map((action) => action.author))
  if (recording.refused.length > 0 || path.results.length > accepted.length) authors.add(recording.author)
  const positionOf = (audience: string) =>
    (heads.get(audience)?.head ?? 0) + ([...authors].some((author) => userAudience(author) === audience) ? 1 : 0)

  const fresh = path.results.map((result) => freshReceipt(result, positionOf))
  const changed = revisions.map((revision) => revisedReceipt(revision, positionOf))
  const rows = [...recording.refused, ...fresh, ...changed]
  const receiptEntries = numberEntries(
    [...authors].map((author) => receiptDraft(author, rows)),
    {
      ...place,
      newToken: place.newToken,
    },
  ).map((entry, index) => ({ ...entry, place: entries.length + index }))

  moveClocks(heads, accepted)
  await tx.history.addAccepted(accepted)
  await tx.history.reviseAccepted(revised)
  await tx.history.addReceipts([...recording.refused, ...fresh])
  await tx.history.reviseReceipts(changed)
  await tx.log.appendEntries([...entries, ...receiptEntries])
  await tx.log.saveHeads([...heads.values()].filter((head) => head !== headsBefore.get(head.audience)))
  await noteGrants(tx, engine.model, { changes: loggedChanges(path), heads })
  const appended = [...new Set([...entries, ...receiptEntries].map((entry) => entry.audience))]
  const receipts = [...fresh.map((row) => row.receipt), ...held.map(heldReceipt)]
  return { receipts, values: valuesOf(path.results), appended }
}

/** It was confirmed before its device's last reset and cannot be carried out now: nothing is stored of it (AUD-4). */
function isHeld({ newcomer, outcome }: NewResult): boolean {
  return outcome.kind === 'refused' && newcomer.offered.wasConfirmed
}

function heldReceipt({ newcomer }: NewResult): Receipt {
  return turnedAway(newcomer, { status: 'held', reason: afterRestore, revision: 1 })
}

function audiencesOfPath(path: Taken['path']): string[] {
  const changes = path.correction ?? path.results.flatMap(patchesOf)
  return changes
    .flatMap(({ before, after }) => [before?.audience, after?.audience])
    .filter((name) => typeof name === 'string')
}

function patchesOf({ outcome }: NewResult) {
  return outcome.kind === 'applied' ? outcome.patches : []
}

/** What the log tells, step by step: each action's own net changes, or one correction. */
function loggedChanges(path: Taken['path']): (readonly NetChange[])[] {
  return path.correction ? [path.correction] : path.results.map((result) => netChanges(patchesOf(result)))
}

type JudgedResult = NewResult &
  (
    | { readonly outcome: RunOutcome; readonly verdict: Verdict }
    | { readonly outcome: { readonly kind: 'refused'; readonly reason: 'timeout' }; readonly verdict: null }
  )

function judged(result: NewResult, isExactNumber: IsExactNumber): JudgedResult {
  const { newcomer, outcome } = result
  if (outcome.kind === 'refused') return { ...result, outcome, verdict: null }
  return { ...result, outcome, verdict: verdictOf(outcome, isExactNumber, newcomer.clock) }
}

/** Newcomers that became part of history; a timeout did not. */
function acceptedOf({ build }: ServerEngine, { newcomer, verdict }: JudgedResult): AcceptedAction[] {
  if (verdict === null) return []
  return [
    {
      id: newcomer.id,
      name: newcomer.offered.name,
      version: newcomer.offered.version,
      input: newcomer.inputText,
      author: newcomer.author,
      clientId: newcomer.clientId,
      ordinal: newcomer.offered.ordinal,
      clock: newcomer.clock,
      writes: newcomer.writes,
      reads: newcomer.reads,
      build,
      ...verdict,
    },
  ]
}

function entryAction(action: Newcomer): LogEntry['action'] {
  const { name, version } = action.offered
  return { id: action.id, name, version, author: action.author, clock: action.clock }
}

/** Fast path: an entry for each audience touched, with the action's own net changes. */
function fastDrafts(result: NewResult): DraftEntry[] {
  return [...changesByAudience(netChanges(patchesOf(result)))].map(([audience, changes]) => ({
    audience,
    kind: 'action',
    action: entryAction(result.newcomer),
    causes: [],
    changes,
    receipts: [],
  }))
}

/**
 * Late path: an entry without changes per applied newcomer and audience it may write, then one correction per audience.
 * Audiences that are only read get none: their lock is shared, so no number may be given there (ING-1, ING-5), and
 * nothing happened in them that their people should hear of (AUD-6).
 */
function lateDrafts(results: readonly NewResult[], correction: readonly NetChange[]): DraftEntry[] {
  const applied = results.filter(({ outcome }) => outcome.kind === 'applied').map(({ newcomer }) => newcomer)
  const announcements = applied.flatMap((newcomer) =>
    newcomer.writes.map(
      (audience): DraftEntry => ({
        audience,
        kind: 'action',
        action: entryAction(newcomer),
        causes: [],
        changes: [],
        receipts: [],
      }),
    ),
  )
  const corrections = [...changesByAudience(correction)].map(
    ([audience, changes]): DraftEntry => ({
      audience,
      kind: 'correction',
      action: null,
      causes: applied.filter((newcomer) => allNamed(newcomer).includes(audience)).map((newcomer) => newcomer.id),
      changes,
      receipts: [],
    }),
  )
  return [...announcements, ...corrections]
}

function freshReceipt({ newcomer, outcome, verdict }: JudgedResult, positionOf: (audience: string) => number): IdRow {
  const { offered, hash, author, clientId } = newcomer
  const row = { hash, author, ordinal: offered.ordinal }
  if (verdict === null) {
    return {
      ...row,
      receipt: turnedAway({ offered, clientId }, { status: 'refused', reason: outcome.reason, revision: 1 }),
    }
  }
  const { status, reason, effect } = verdict
  const receipt: Receipt = {
    actionId: newcomer.id,
    clientId,
    name: offered.name,
    version: offered.version,
    revision: 1,
    status,
    reason,
    details: detailsOf(outcome),
    clock: newcomer.clock,
    restamped: newcomer.isRestamped,
    effect,
    positions: Object.fromEntries(allNamed(newcomer).map((audience) => [audience, positionOf(audience)])),
  }
  return { ...row, receipt }
}

function receiptDraft(author: string, rows: readonly IdRow[]): DraftEntry {
  const receipts = rows.filter((row) => row.author === author).map((row) => row.receipt)
  return { audience: userAudience(author), kind: 'receipts', action: null, causes: [], changes: [], receipts }
}

function moveClocks(heads: Map<string, AudienceHead>, accepted: readonly AcceptedAction[]): void {
  for (const action of accepted) {
    for (const audience of allNamed(action)) {
      const head = heads.get(audience)
      if (head) heads.set(audience, { ...head, maxClock: laterClock(head.maxClock, action.clock) ?? '' })
    }
  }
}

function valuesOf(results: readonly NewResult[]): Map<string, unknown> {
  return new Map(
    results.map(({ newcomer, outcome }) => [newcomer.id, outcome.kind === 'applied' ? outcome.value : null]),
  )
}
