import { describe, expect, it } from 'vitest'
import { checkVocabulary } from './vocabulary'

const messages = (text: string, path = 'lib/sync/core/a.ts') =>
  checkVocabulary([{ path, text }]).map((each) => each.message)

describe('vocabulary', () => {
  it.each([
    ['export function applyMutation() {}', '"applyMutation": do not say "mutation", say "action"'],
    ['export const dirtyRows = []', 'say "pending"'],
    ['export interface Watermark {}', 'say "cursor"'],
    ['export type MutatorArgs = string', 'say "input"'],
    ['export class GCState {}', 'say "sealed"'],
    ['const a = 1; export { a as pushQueue }', 'say "outbox"'],
    ['export const payloads = []', 'say "input"'],
  ])('%s', (text, expected) => {
    expect(messages(text).join()).toContain(expected)
  })

  it.each([
    'export function applyEntries() {}',
    'export const clockOffsetMs = 1',
    'const dirtyRows = []',
    'export const tracker = 1',
    'export const acknowledged = 1',
  ])('%s is fine', (text) => {
    expect(messages(text)).toEqual([])
  })

  it('covers file names, and only the engine', () => {
    expect(messages('', 'lib/sync/device/push-queue.ts').join()).toContain('File name "push-queue"')
    expect(messages('export const queue = 1', 'app/a.ts')).toEqual([])
  })
})
