/**
 * The two ways into history (ING-4). Fast: nothing later is concerned, the newcomers just run. Late: what they concern
 * is rolled back net, and new and old run again in replay order.
 *
 * ```
 *  history  … a  b  c  d            late arrival n between a and b, T = { b, d }
 *  roll back    b     d             net, set-based
 *  run          n                   changed nothing? b and d are put back, not run again
 *  replay       n  b  d             patches captured anew; the net difference goes out as a correction
 * ```
 */

import type { AnyAction } from '../action'
import { compareReplayOrder } from '../core/hlc'
import { correctionOf, type NetChange, netChanges, type Patch } from '../core/images'
import { namedAudiences, resolveAction } from '../store/resolve-action'
import type { RunOutcome } from '../store/run-action'
import type { AcceptedAction } from '../store/server/history'
import { type Execution, execute, executeFirst, type Place } from './execute'
import type { Newcomer } from './newcomer'

export interface NewResult {
  readonly newcomer: Newcomer
  readonly outcome: Execution
}

/** An accepted action whose replay differs from what history had. */
export interface ReplayResult {
  readonly action: AcceptedAction
  readonly outcome: RunOutcome
}

export interface PathResult {
  readonly results: readonly NewResult[]
  readonly replays: readonly ReplayResult[]
  /** Late path: the net difference of the whole ingest. Fast path: null, each action's own changes go out. */
  readonly correction: readonly NetChange[] | null
}

/** Cost: the newcomers alone, whatever the length of history (ING-7). */
export async function fastPath(place: Place, newcomers: readonly Newcomer[]): Promise<PathResult> {
  const results: NewResult[] = []
  for (const newcomer of newcomers) results.push({ newcomer, outcome: await runNewcomer(place, newcomer) })
  return { results, replays: [], correction: null }
}

/** An old action cannot be run here and now: the newcomers must not wait for it (ING-6). */
export class CannotReplay extends Error {
  override readonly name = 'CannotReplay'
}

/**
 * Cost: a set-based roll back, then the code of T from the first newcomer on that changes something. Throws what
 * infrastructure throws, and CannotReplay.
 */
export async function latePath(
  place: Place,
  { newcomers, replaySet }: { readonly newcomers: readonly Newcomer[]; readonly replaySet: readonly AcceptedAction[] },
): Promise<PathResult> {
  const { tx, holdings } = place
  const oldIds = replaySet.map((action) => action.id)
  const oldPatches = await tx.rows.readPatches(oldIds)
  await tx.rows.enterEngine()
  await tx.rows.rollBack(oldIds)
  await tx.rows.settleConstraints()
  holdings.forget()

  const walk = [...newcomers, ...replaySet].sort(compareReplayOrder)
  const isNewcomer = new Map(newcomers.map((newcomer) => [newcomer.id, newcomer]))
  const results: NewResult[] = []
  const replays: ReplayResult[] = []
  const standing: (readonly Patch[])[] = []
  let putBack: (readonly Patch[])[] = []
  let hasDiverged = false
  const endMs = place.engine.now() + place.engine.lateBudget.msMax
  for (const action of walk) {
    if (place.engine.now() > endMs) throw new CannotReplay('Replaying took longer than one ingest may (HLC-4)')
    const newcomer = isNewcomer.get(action.id)
    if (!newcomer && !hasDiverged) {
      putBack.push(oldPatches.get(action.id) ?? [])
      continue
    }
    standing.push(...putBack)
    await putBackRows(place, putBack.flat())
    putBack = []
    const outcome = newcomer ? await runNewcomer(place, newcomer) : await replay(place, action as AcceptedAction)
    if (newcomer) results.push({ newcomer, outcome })
    else if (outcome.kind !== 'refused') replays.push({ action: action as AcceptedAction, outcome })
    if (outcome.kind === 'applied') {
      standing.push(outcome.patches)
      hasDiverged ||= outcome.patches.length > 0
    }
  }
  await putBackRows(place, putBack.flat())
  standing.push(...putBack)
  const undone = replaySet.flatMap((action) => oldPatches.get(action.id) ?? [])
  return { results, replays, correction: correctionOf(undone, standing.flat()) }
}

function runNewcomer(place: Place, newcomer: Newcomer): Promise<Execution> {
  const { definition, input, audiences, id, author, clock } = newcomer
  return executeFirst(place, { definition, input, audiences, record: { id, author, clock } })
}

async function replay(place: Place, action: AcceptedAction): Promise<RunOutcome> {
  const { id, author, clock } = action
  const resolved = resolveAction(place.engine.registry, { ...action, input: JSON.parse(action.input) as unknown })
  if (resolved.kind !== 'known')
    throw new CannotReplay(`Action ${id} (${action.name} v${action.version}) is ${resolved.kind} in this build`)
  const { definition, input } = resolved
  const audiences = { writes: action.writes, reads: action.reads, founded: foundedBy(action, resolved) }
  await place.tx.rows.dropPatches([id])
  return execute(place, { definition, input, audiences, record: { id, author, clock } })
}

/** The audiences of an old action are those it was accepted with; what it founds is told by its code. */
function foundedBy(
  { id, author, name, version }: AcceptedAction,
  { definition, input }: { readonly definition: AnyAction; readonly input: unknown },
): readonly string[] {
  try {
    return namedAudiences(definition, input, { id, author }).founded
  } catch (cause) {
    throw new CannotReplay(`audiences() of action ${id} (${name} v${version}) throws in this build`, { cause })
  }
}

/** Old actions before the first divergence would do the same again: their rows are set, their code is not run. */
async function putBackRows({ tx, holdings }: Place, patches: readonly Patch[]): Promise<void> {
  const changes = netChanges(patches)
  if (changes.length === 0) return
  await tx.rows.enterEngine()
  await tx.rows.setRows(changes.map(({ table, key, after }) => ({ table, key, image: after })))
  await tx.rows.settleConstraints()
  holdings.changed(changes)
}
