import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { actions } from '@/lib/actions'
import type { ReceiptView } from '@/lib/sync/react'
import { knownReasons, reasonWords } from './reason-words'
import { isNews, knownDeeds, type Names, receiptSentence } from './receipt-sentence'

const nowMs = new Date(2026, 4, 4, 12, 0).getTime()
const today = new Date(2026, 4, 4, 10, 5).toISOString()
const yesterday = new Date(2026, 4, 3, 22, 30).toISOString()

const names: Names = {
  column: (id) => ({ done: 'Done', todo: 'To do' })[id] ?? null,
  person: (id) => ({ ben: 'Ben' })[id] ?? null,
  label: (id) => ({ bug: 'Bug' })[id] ?? null,
  project: (id) => ({ apollo: 'Apollo' })[id] ?? null,
}

const receipt = (over: Partial<ReceiptView>): ReceiptView => ({
  actionId: '1',
  name: 'issue.move',
  version: 1,
  input: { columnId: 'done' },
  status: 'applied',
  reason: null,
  details: null,
  restamped: false,
  mayBeRejected: false,
  difference: [],
  atMs: nowMs,
  seen: false,
  ...over,
})

const sentence = (over: Partial<ReceiptView>) => receiptSentence(receipt(over), names, nowMs).text

describe('the sentence of a receipt', () => {
  it('says who closed the column, and when', () => {
    const details = { title: 'Fix login', number: 3, column: 'Done', by: 'Ben', at: today }
    expect(sentence({ status: 'rejected', reason: 'column-closed', details })).toBe(
      'Your move to Done was rejected: the column was closed by Ben at 10:05.',
    )
  })

  it('gives the date when that was another day', () => {
    const details = { by: 'Ben', at: yesterday }
    expect(sentence({ status: 'rejected', reason: 'column-closed', details })).toContain('by Ben on 3 May, 22:30')
  })

  it('says who has what two people claimed', () => {
    const details = { by: 'Ben', at: today }
    expect(sentence({ name: 'issue.claim', input: {}, status: 'rejected', reason: 'already-claimed', details })).toBe(
      'Your claim was rejected: Ben has had it since 10:05.',
    )
  })

  it('says the number an issue got instead of the one its author saw', () => {
    const difference = [{ table: 'issues', key: 'k', column: 'number', previewed: '5', now: '6' }]
    expect(sentence({ name: 'issue.create', status: 'corrected', difference })).toBe(
      'Your issue was numbered 6 instead of 5.',
    )
  })

  it('joins several corrections into one sentence', () => {
    const difference = [
      { table: 'issues', key: 'k', column: 'number', previewed: '5', now: '6' },
      { table: 'issues', key: 'k', column: 'assignee_id', previewed: 'me', now: 'ben' },
    ]
    expect(sentence({ name: 'issue.create', status: 'corrected', difference })).toBe(
      'Your issue was numbered 6 instead of 5 and is assigned to Ben instead of the person you saw.',
    )
  })

  it.each([
    ['refused', 'Your move to Done was refused: you do not take part in the project any more.'],
    ['held', 'Your move to Done is held: the server cannot answer it yet.'],
  ] as const)('has words for %s', (status, expected) => {
    expect(sentence({ status, reason: status === 'refused' ? 'authority' : 'unknown-version' })).toBe(expected)
  })

  it('tells quietly that an action was placed later', () => {
    expect(receiptSentence(receipt({ restamped: true }), names, nowMs)).toMatchObject({
      text: 'Your move to Done is confirmed.',
      tone: 'quiet',
    })
  })

  it('warns when a waiting action no longer fits', () => {
    expect(sentence({ status: 'pending', mayBeRejected: true })).toBe('Your move to Done may be rejected.')
  })

  it('stays a sentence when the row and the details are unknown', () => {
    expect(sentence({ input: null, status: 'rejected', reason: 'column-closed', details: 'odd' })).toBe(
      'Your move to a column was rejected: the column was closed.',
    )
    expect(sentence({ name: 'seat.claim', status: 'rejected', reason: 'seat-taken' })).toBe(
      'Your action “seat.claim” was rejected: the rule “seat-taken” said no.',
    )
  })
})

describe('what counts as news', () => {
  it('is what the author did not see when they acted', () => {
    expect(isNews(receipt({ status: 'rejected' }))).toBe(true)
    expect(isNews(receipt({ status: 'applied', restamped: true }))).toBe(false)
    expect(isNews(receipt({ status: 'pending' }))).toBe(false)
  })

  it('leaves out corrections of columns nobody looks at', () => {
    const rank = { table: 'issues', key: 'k', column: 'rank', previewed: 'a0', now: 'a1' }
    const number = { table: 'issues', key: 'k', column: 'number', previewed: '5', now: '6' }
    expect(isNews(receipt({ status: 'corrected', difference: [rank] }))).toBe(false)
    expect(isNews(receipt({ status: 'corrected', difference: [rank, number] }))).toBe(true)
  })
})

describe('an author who got what they asked for', () => {
  it('is not told of the way there', () => {
    const difference = [{ table: 'issues', key: 'k', column: 'column_id', previewed: 'todo', now: 'done' }]
    const corrected = receipt({ status: 'corrected', difference })
    expect(isNews(corrected)).toBe(false)
    expect(receiptSentence(corrected, names, nowMs)).toMatchObject({
      text: 'Your move to Done is confirmed.',
      tone: 'quiet',
    })
    expect(isNews({ ...corrected, input: { columnId: 'todo' } })).toBe(true)
  })
})

describe('completeness', () => {
  it('there are words for every action of the registry', () => {
    expect([...knownDeeds()].sort()).toEqual(actions.map((action) => action.name).sort())
  })

  it('there are words for every reason an action gives', () => {
    const folder = new URL('../../lib/actions/', import.meta.url)
    const sources = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    const reasons = sources.flatMap((file) =>
      [...readFileSync(new URL(file, folder), 'utf8').matchAll(/reject\('([a-z-]+)'/g)].map((match) => match[1] ?? ''),
    )
    expect(reasons.length).toBeGreaterThan(20)
    expect(reasons.filter((reason) => !knownReasons().includes(reason))).toEqual([])
  })

  it('names the children that are still open', () => {
    expect(reasonWords('children-open', { children: [4, 5, 9] }, nowMs)).toBe(
      'its sub-issues #4, #5 and #9 are still open',
    )
    expect(reasonWords('children-open', { children: [4] }, nowMs)).toBe('its sub-issue #4 is still open')
  })
})
