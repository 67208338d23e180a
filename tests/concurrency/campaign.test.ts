/**
 * `npm test` runs a few seeds; `CAMPAIGN_SEEDS=50 npx vitest run tests/concurrency/campaign.test.ts` more of them, and
 * `CAMPAIGN_SEED=<seed> npx vitest run tests/concurrency/campaign.test.ts` repeats one.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExchangeAnswer, Receipt } from '@/lib/sync/core/protocol'
import type { Store } from '@/lib/sync/store/driver'
import { createAuthority, createClient, emptyClubs, look, openClubs } from './authority'
import { people, randomPushes, sendPush } from './campaign'
import { clubActions } from './club-actions'
import { createFollower } from './follower'
import { expectConsistent } from './oracle'

const seeds = process.env.CAMPAIGN_SEED
  ? [process.env.CAMPAIGN_SEED]
  : Array.from({ length: Number(process.env.CAMPAIGN_SEEDS ?? 3) }, (_, index) => `club ${index + 1}`)
const steps = 70
const timeoutMs = 180_000

const seen: Record<string, number> = {}
const count = (what: string, many = 1) => {
  seen[what] = (seen[what] ?? 0) + many
}

let store: Store
let scratch: Store
beforeAll(async () => {
  ;[store, scratch] = [await openClubs(), await openClubs()]
})
afterAll(async () => {
  await store.close()
  await scratch.close()
})

async function runCampaign(seed: string): Promise<void> {
  await emptyClubs(store)
  const current = createAuthority(store)
  const old = createAuthority(store, { actions: clubActions.filter(({ name }) => name !== 'thing.carry') })
  const followers = people.map((user) => createFollower(createClient(current, user)))
  for (const [index, push] of randomPushes(seed, steps).entries()) {
    const authority = push.toOldBuild ? old : current
    for (const answer of await sendPush(authority, push)) countAnswer(answer)
    if (index % 5 === 4) await followers[index % followers.length]?.step()
  }
  for (const event of [...current.events, ...old.events]) if (event.kind === 'ingest') count(`path ${event.path}`)
  await expectConsistent(store, scratch)
  for (const follower of followers) {
    await follower.catchUp()
    await follower.expectRows(store)
    for (const [what, many] of Object.entries(follower.applied)) count(`followed ${what}`, many)
  }
  await countHistory()
}

function countAnswer(answer: ExchangeAnswer): void {
  count(`answer ${answer.kind}`)
  const receipts: readonly Receipt[] = 'receipts' in answer ? answer.receipts : []
  for (const { status, reason, restamped, revision } of receipts) {
    count(`receipt ${status}`)
    if (reason) count(`reason ${reason}`)
    if (restamped) count('restamped')
    if (revision > 1) count('revised')
  }
}

async function countHistory(): Promise<void> {
  const [row] = await look<{ corrections: number; flips: number; actions: number }>(
    { store },
    `select (select count(*)::int from sync.log where kind = 'correction') as corrections,
      (select count(*)::int from sync.ids where revision > 2) as flips, (select count(*)::int from sync.actions) as actions`,
  )
  for (const [what, many] of Object.entries(row ?? {})) count(`history ${what}`, many)
}

describe('random work of several people', () => {
  it.each(seeds)(
    '[ORA-1, CON-1, ING-4, ROL-1, AUD-1] ends as if everybody had been online all the time: seed %s',
    async (seed) => {
      try {
        await runCampaign(seed)
      } catch (error) {
        throw new Error(`Repeat with: CAMPAIGN_SEED='${seed}' npx vitest run tests/concurrency/campaign.test.ts`, {
          cause: error,
        })
      }
    },
    timeoutMs,
  )

  it('is not vacuous', () => {
    if (process.env.CAMPAIGN_SEED) return
    const wanted = [
      'path fast',
      'path late',
      'path restamped',
      'answer ahead',
      'receipt applied',
      'receipt rejected',
      'receipt refused',
      'receipt held',
      'reason authority',
      'reason seat-taken',
      'reason too-little-money',
      'reason invalid-id',
      'reason invalid-input',
      'restamped',
      'revised',
      'followed lost',
      'followed snapshots',
      'followed entries',
      'history corrections',
      'history flips',
    ]
    expect(wanted.filter((what) => !seen[what])).toEqual([])
  })
})
