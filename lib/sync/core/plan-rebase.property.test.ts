import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasReached, isSettled, newestReceipts, type Place, planRebase, type RebaseQuestion } from './plan-rebase'
import type { Receipt } from './protocol'

const audiences = ['a', 'b', 'c']
const ids = ['1', '2', '3', '4', '5', '6']
const positions = fc.dictionary(fc.constantFrom(...audiences), fc.nat({ max: 4 }))
const cursors = fc
  .dictionary(fc.constantFrom(...audiences), fc.nat({ max: 4 }))
  .map((seqs) => new Map(Object.entries(seqs).map(([audience, seq]) => [audience, { seq }])))

const question: fc.Arbitrary<RebaseQuestion> = fc.record({
  pending: fc
    .array(fc.record({ place: fc.constantFrom<Place[]>('layer', 'layer', 'log', 'rows'), rank: fc.nat() }), {
      maxLength: 6,
    })
    .map((drafts) =>
      drafts
        .map(({ place, rank }, index) => ({ id: ids[index]!, ordinal: index + 1, place, rank }))
        .sort((left, right) => left.rank - right.rank),
    ),
  receipts: fc
    .array(
      fc.tuple(
        fc.constantFrom(...ids),
        fc.record({
          status: fc.constantFrom<Receipt['status'][]>('applied', 'rejected', 'refused', 'held'),
          positions,
        }),
      ),
    )
    .map((pairs) => new Map(pairs)),
  arrivedIds: fc.subarray(ids).map((arrived) => new Set(arrived)),
  changesRows: fc.boolean(),
  cursors,
  audiences: fc.option(fc.subarray(audiences).map((held) => new Set(held))),
})

/** Whether the server is done with an action and has told everything of it that this device may see (REC-3). */
function isDone({ receipts, cursors: seqs, audiences: held }: RebaseQuestion, id: string): boolean {
  const receipt = receipts.get(id)
  if (receipt === undefined || receipt.status === 'held') return false
  if (receipt.status === 'refused') return true
  if (held === null) return false
  return [...held].every((audience) => {
    const wanted = receipt.positions[audience]
    return wanted === undefined || (seqs.has(audience) && seqs.get(audience)!.seq >= wanted)
  })
}

/** What a device that carried the plan out asks next, when nothing new came. */
function carriedOut(asked: RebaseQuestion): RebaseQuestion {
  const { settled, moved } = planRebase(asked)
  const pending = asked.pending
    .filter(({ id }) => !settled.includes(id))
    .map((action) => ({ ...action, place: moved.get(action.id) ?? action.place }))
  return { ...asked, pending, arrivedIds: new Set(), changesRows: false }
}

describe('a rebase, whatever is pending and whatever arrived', () => {
  test('[REC-3] [OUT-1] settles what the server is done with, replays the layer in ordinal order, and loses nothing', () => {
    const seen = { settled: 0, replayed: 0, logged: 0, kept: 0 }
    fc.assert(
      fc.property(question, (asked) => {
        const plan = planRebase(asked)
        const inOrder = [...asked.pending].sort((left, right) => left.ordinal - right.ordinal)
        expect(plan.settled).toEqual(inOrder.filter(({ id }) => isDone(asked, id)).map(({ id }) => id))
        const left = inOrder.filter(({ id }) => !plan.settled.includes(id))
        const hasLeft = ({ id, place }: { id: string; place: Place }) =>
          place === 'log' || asked.arrivedIds.has(id) || asked.receipts.get(id)?.status === 'rejected'
        expect(plan.replay).toEqual(left.filter((action) => !hasLeft(action)).map(({ id }) => id))
        for (const action of left) {
          const end = hasLeft(action) ? 'log' : 'layer'
          expect(plan.moved.get(action.id)).toBe(end === action.place ? undefined : end)
        }
        expect([...plan.moved.keys()].filter((id) => plan.settled.includes(id))).toEqual([])
        seen.settled += plan.settled.length
        seen.replayed += plan.replay.length
        seen.logged += [...plan.moved.values()].filter((place) => place === 'log').length
        seen.kept += plan.isNeeded ? 0 : 1
      }),
      { numRuns: 2_000 },
    )
    for (const many of Object.values(seen)) expect(many).toBeGreaterThan(100)
  })

  test('[REC-1] leaves the layer as it is exactly when no row and no member of it changes', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const before = asked.pending.filter(({ place }) => place === 'layer').map(({ id }) => id)
        const { replay, isNeeded } = planRebase(asked)
        const isSame = before.length === replay.length && before.every((id) => replay.includes(id))
        expect(isNeeded).toBe(asked.changesRows || !isSame)
      }),
    )
  })

  test('[REC-1] asked again after it was carried out it changes nothing', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const again = planRebase(carriedOut(asked))
        expect(again).toEqual({ settled: [], moved: new Map(), replay: planRebase(asked).replay, isNeeded: false })
      }),
    )
  })

  test('[REC-3] reading further never takes back that an action is settled', () => {
    fc.assert(
      fc.property(question, cursors, (asked, further) => {
        const later = new Map(
          audiences.flatMap((audience) => {
            const seqs = [asked.cursors.get(audience)?.seq, further.get(audience)?.seq].filter(
              (seq) => seq !== undefined,
            )
            return seqs.length === 0 ? [] : [[audience, { seq: Math.max(...seqs) }] as const]
          }),
        )
        for (const receipt of asked.receipts.values()) {
          if (isSettled(receipt, asked)) expect(isSettled(receipt, { ...asked, cursors: later })).toBe(true)
          if (hasReached(receipt.positions, asked))
            expect(hasReached(receipt.positions, { ...asked, cursors: later })).toBe(true)
        }
      }),
    )
  })
})

describe('the newest receipts', () => {
  const blank = { clientId: 'c', name: 'n', version: 1, status: 'applied', details: null, clock: null } as const
  const receipt = fc
    .record({ actionId: fc.constantFrom('1', '2'), revision: fc.nat({ max: 4 }), reason: fc.string({ maxLength: 3 }) })
    .map((fields): Receipt => ({ ...blank, ...fields, restamped: false, effect: null, positions: {} }))

  test('[ING-4] are the same however they are divided over answers', () => {
    fc.assert(
      fc.property(fc.array(receipt, { maxLength: 8 }), fc.nat({ max: 8 }), (receipts, cut) => {
        const first = newestReceipts(receipts.slice(0, cut), new Map())
        const known = new Map([...first].map(([id, { revision }]) => [id, revision]))
        const both = new Map([...first, ...newestReceipts(receipts.slice(cut), known)])
        expect([...both].sort()).toEqual([...newestReceipts(receipts, new Map())].sort())
        for (const [id, { revision }] of both) {
          const revisions = receipts.filter(({ actionId }) => actionId === id).map((one) => one.revision)
          expect(revision).toBe(Math.max(...revisions))
        }
      }),
    )
  })
})
