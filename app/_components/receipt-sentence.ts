/**
 * What became of an action, in a sentence for its author. When you would edit this file: you added an action (`deeds`),
 * or a column whose correction people should hear about (`corrections`). Why a rule said no stands in
 * `reason-words.ts`.
 */
import type { ColumnDifference, ReceiptView } from '@/lib/sync/react'
import { listWords, reasonWords } from './reason-words'

/** Names of rows a receipt speaks of, as this device knows them; null when it does not. */
export interface Names {
  column(id: string): string | null
  person(id: string): string | null
  label(id: string): string | null
  project(id: string): string | null
}

export interface ReceiptSentence {
  readonly text: string
  /** A quieter second sentence: what it means, or what happens next. */
  readonly note: string | null
  readonly tone: 'bad' | 'changed' | 'waiting' | 'quiet' | 'good'
}

type Input = Readonly<Record<string, unknown>>

/** Whether a receipt tells its author something they did not see when they acted. */
export function isNews(receipt: ReceiptView): boolean {
  if (receipt.status === 'corrected') return tellingDifferences(receipt).length > 0
  return receipt.status === 'rejected' || receipt.status === 'refused' || receipt.status === 'held'
}

export function receiptSentence(receipt: ReceiptView, names: Names, nowMs: number): ReceiptSentence {
  const deed = deedWords(receipt, names)
  const why = reasonWords(receipt.reason, receipt.details, nowMs)
  const late = receipt.restamped ? restampedNote : null
  switch (receipt.status) {
    case 'rejected':
      return { text: `${deed} was rejected: ${why}.`, note: 'Nothing was changed.', tone: 'bad' }
    case 'refused':
      return { text: `${deed} was refused: ${why}.`, note: 'This is final. Nothing was changed.', tone: 'bad' }
    case 'held':
      return {
        text: `${deed} is held: ${heldWhy(receipt.reason)}.`,
        note: 'It is kept on this device and tried again.',
        tone: 'waiting',
      }
    case 'corrected':
      return correctedSentence(receipt, deed, names)
    case 'pending':
      return receipt.mayBeRejected
        ? {
            text: `${deed} may be rejected.`,
            note: 'It no longer fits what others did meanwhile. The server decides.',
            tone: 'waiting',
          }
        : { text: `${deed} waits for the server.`, note: null, tone: 'waiting' }
    case 'applied':
      return { text: `${deed} is confirmed.`, note: late, tone: late === null ? 'good' : 'quiet' }
  }
}

const restampedNote = 'It reached the server late and was placed later in the order of things.'

function heldWhy(reason: string | null): string {
  if (reason === 'signed-out') return 'you are signed out'
  if (reason === 'after-restore') return 'the server went back in time and does not know yet that you may do this'
  if (reason === 'failing') return 'the server did not manage to answer it'
  return 'the server cannot answer it yet'
}

function correctedSentence(receipt: ReceiptView, deed: string, names: Names): ReceiptSentence {
  const told = tellingDifferences(receipt).map((difference) => corrections[key(difference)]?.(difference, names) ?? '')
  if (told.length === 0)
    return { text: `${deed} is confirmed.`, note: 'Small things came out differently.', tone: 'quiet' }
  const object = receipt.name.startsWith('column.') ? 'Your column' : 'Your issue'
  return { text: `${object} ${listWords(told)}.`, note: 'Others had been there before.', tone: 'changed' }
}

/** One of each kind, and none that gave the author what they asked for: then only the way there was another one. */
function tellingDifferences(receipt: ReceiptView): readonly ColumnDifference[] {
  const asked = Object.values(isInput(receipt.input) ? receipt.input : {})
  const seen = new Set<string>()
  return receipt.difference.filter((difference) => {
    const { previewed, now } = difference
    if (!(key(difference) in corrections) || previewed === null || now === null) return false
    if (asked.includes(now) || seen.has(key(difference))) return false
    seen.add(key(difference))
    return true
  })
}

const key = ({ table, column }: ColumnDifference) => `${table}.${column}`

/** "Your issue …": what came out differently. Columns that are not here change too often, or mean nothing to people. */
const corrections: Readonly<Record<string, (difference: ColumnDifference, names: Names) => string>> = {
  'issues.number': ({ previewed, now }) => `was numbered ${now} instead of ${previewed}`,
  'issues.column_id': ({ previewed, now }, names) =>
    `is in ${nameOr(names.column(now ?? ''), 'another column')} instead of ${nameOr(names.column(previewed ?? ''), 'the column you saw')}`,
  'issues.assignee_id': ({ previewed, now }, names) =>
    `is assigned to ${names.person(now ?? '') ?? 'somebody else'} instead of ${names.person(previewed ?? '') ?? 'the person you saw'}`,
  'issues.title': ({ now }) => `is now called “${now}”`,
  'issues.priority': ({ previewed, now }) => `has priority ${now} instead of ${previewed}`,
  'issue_votes.total': ({ previewed, now }) => `has ${now} votes instead of ${previewed}`,
}

const nameOr = (name: string | null, otherwise: string) => (name === null ? otherwise : `“${name}”`)

/** What was done, as the beginning of a sentence. The issue itself stands beside it in the inbox. */
function deedWords(receipt: ReceiptView, names: Names): string {
  const input = isInput(receipt.input) ? receipt.input : {}
  const words = deeds[receipt.name]
  return words === undefined ? `Your action “${receipt.name}”` : words(input, names)
}

const deeds: Readonly<Record<string, (input: Input, names: Names) => string>> = {
  'project.create': (input) => `Your new project${called(input.name)}`,
  'project.rename': (input) => `Your new name for the project${called(input.name)}`,
  'member.add': (input) => `Your invitation of ${text(input.name) ?? 'a person'}`,
  'member.remove': (input, names) => `Your removal of ${names.person(text(input.userId) ?? '') ?? 'a person'}`,
  'member.setRole': (input, names) =>
    `Your change of the role of ${names.person(text(input.userId) ?? '') ?? 'a person'}`,
  'column.add': (input) => `Your new column${called(input.name)}`,
  'column.rename': (input) => `Your new name for a column${called(input.name)}`,
  'column.setLimit': (input, names) => `Your limit for ${columnOf(input, names)}`,
  'column.close': (input, names) => `Your closing of ${columnOf(input, names)}`,
  'column.reopen': (input, names) => `Your reopening of ${columnOf(input, names)}`,
  'column.reorder': (input, names) => `Your move of the column ${columnOf(input, names)}`,
  'column.archiveDone': (input, names) => `Your archiving of ${columnOf(input, names)}`,
  'issue.create': (input) => `Your new issue${called(input.title)}`,
  'issue.edit': (input) => `Your change of the ${editedFields(input)}`,
  'issue.assign': (input, names) =>
    input.assigneeId === null
      ? 'Your unassigning'
      : `Your assignment to ${names.person(text(input.assigneeId) ?? '') ?? 'a person'}`,
  'issue.claim': () => 'Your claim',
  'issue.move': (input, names) => `Your move to ${columnOf(input, names)}`,
  'issue.complete': () => 'Your completion',
  'issue.reopen': () => 'Your reopening',
  'issue.delete': () => 'Your deletion',
  'issue.transfer': (input, names) =>
    `Your transfer to ${names.project(text(input.toProjectId) ?? '') ?? 'another project'}`,
  'issue.vote': () => 'Your vote',
  'comment.add': () => 'Your comment',
  'comment.edit': () => 'Your change of a comment',
  'comment.remove': () => 'Your removal of a comment',
  'label.create': (input) => `Your new label${called(input.name)}`,
  'label.attach': (input, names) => `Your label ${labelOf(input, names)}`,
  'label.detach': (input, names) => `Your removal of the label ${labelOf(input, names)}`,
  'focus.add': () => 'Your focus on this issue',
  'focus.remove': () => 'Your removal from the focus list',
  'focus.note': () => 'Your private note',
  'settings.change': () => 'Your change of settings',
}

/** Actions this file has words for: the test compares them with the registry. */
export const knownDeeds = (): readonly string[] => Object.keys(deeds)

const fieldWords: Readonly<Record<string, string>> = { parentId: 'parent' }

function editedFields(input: Input): string {
  const fields = Object.keys(input).filter((field) => field !== 'projectId' && field !== 'issueId')
  return listWords(fields.map((field) => fieldWords[field] ?? field)) || 'issue'
}

function columnOf(input: Input, names: Names): string {
  return names.column(text(input.columnId) ?? '') ?? 'a column'
}

function labelOf(input: Input, names: Names): string {
  const name = names.label(text(input.labelId) ?? '')
  return name === null ? 'of an issue' : `“${name}”`
}

function called(name: unknown): string {
  const words = text(name)
  return words === null ? '' : ` “${words}”`
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

function isInput(input: unknown): input is Input {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
