/**
 * Why a rule said no, as half a sentence: "the column was closed by Ben at 10:05". When you would edit this file: you
 * added a `reject('reason')` to an action (a test finds the reasons that have no words yet).
 */
import { clockWords } from './time'

type Details = Readonly<Record<string, unknown>>
type Words = (details: Details, nowMs: number) => string

/** Half a sentence, without a capital and without a full stop. `nowMs` decides whether a time needs its date. */
export function reasonWords(reason: string | null, details: unknown, nowMs: number): string {
  const words = reason === null ? undefined : wordsByReason[reason]
  if (words === undefined) return reason === null ? 'the server gave no reason' : `the rule “${reason}” said no`
  return words(isDetails(details) ? details : {}, nowMs)
}

/** Reasons this file has words for: the test compares them with the actions. */
export const knownReasons = (): readonly string[] => Object.keys(wordsByReason)

const wordsByReason: Readonly<Record<string, Words>> = {
  'column-closed': (d, now) => {
    const by = text(d, 'by')
    return by === null ? `the column was closed${at(d, now)}` : `the column was closed by ${by}${at(d, now)}`
  },
  'column-full': (d) => `${quoted(d, 'column', 'the column')} is full${limit(d)}`,
  'column-gone': () => 'the column is gone',
  'column-holds-more': (d) =>
    `${quoted(d, 'column', 'the column')} holds ${whole(d, 'holds') ?? 'more'} issues already`,
  'issues-open': (d) => openIssues(d),
  'nothing-to-archive': (d) => `there is nothing in ${quoted(d, 'column', 'the column')} to archive`,

  'already-claimed': (d, now) => `${text(d, 'by') ?? 'somebody else'} has had it${since(d, now)}`,
  'issue-gone': () => 'the issue is gone: it was deleted, or moved to another project',
  'issue-archived': () => 'the issue was archived',
  'children-open': (d) => childrenOpen(d),
  'parent-completed': (d) => `its parent ${numbered(d, 'parent')} is completed already`,
  'parent-gone': () => 'the parent issue is gone',
  'parent-is-child': (d) => `${numbered(d, 'parent')} is a sub-issue itself, and sub-issues have none of their own`,
  'has-children': () => 'it has sub-issues of its own',
  'votes-below-zero': () => 'there were no votes left to take back',
  'same-project': () => 'it is in this project already',

  'comment-gone': () => 'the comment is gone',
  'label-gone': () => 'the label is gone',
  'label-exists': (d) => `there is a label ${quoted(d, 'name', 'of this name')} already`,
  'not-in-focus': () => 'the issue is not on your focus list any more',

  'already-member': (d) => `${text(d, 'name') ?? 'this person'} is in the project already`,
  'member-gone': () => 'this person is not in the project any more',
  'last-owner': (d) => `${text(d, 'name') ?? 'this person'} is the only owner, and a project needs one`,
  'not-a-member': () => 'this person is not in the project',
  'viewers-take-no-issues': (d) => `${text(d, 'name') ?? 'this person'} is a viewer, and viewers take no issues`,

  'project-gone': () => 'the project is not there any more',
  'not-allowed': () => 'your role in the project does not allow it',
  authority: () => 'you do not take part in the project any more',
  error: () => 'it no longer fits what is on the server',
  timeout: () => 'it took the server too long',
}

function isDetails(details: unknown): details is Details {
  return typeof details === 'object' && details !== null && !Array.isArray(details)
}

function text(details: Details, key: string): string | null {
  const value = details[key]
  return typeof value === 'string' && value !== '' ? value : null
}

function whole(details: Details, key: string): number | null {
  const value = details[key]
  return typeof value === 'number' ? value : null
}

function quoted(details: Details, key: string, otherwise: string): string {
  const name = text(details, key)
  return name === null ? otherwise : `“${name}”`
}

function numbered(details: Details, key: string): string {
  const number = whole(details, key)
  return number === null ? 'issue' : `#${number}`
}

function limit(details: Details): string {
  const most = whole(details, 'limit')
  return most === null ? '' : `: it takes ${most} ${most === 1 ? 'issue' : 'issues'}`
}

function momentOf(details: Details): number | null {
  const atMs = Date.parse(text(details, 'at') ?? '')
  return Number.isNaN(atMs) ? null : atMs
}

/** " at 10:05", or " on 3 May, 10:05" when that was another day. */
function at(details: Details, nowMs: number): string {
  const atMs = momentOf(details)
  if (atMs === null) return ''
  const words = clockWords(atMs, nowMs)
  return words.includes(',') ? ` on ${words}` : ` at ${words}`
}

function since(details: Details, nowMs: number): string {
  const atMs = momentOf(details)
  return atMs === null ? '' : ` since ${clockWords(atMs, nowMs)}`
}

function childrenOpen(details: Details): string {
  const numbers = Array.isArray(details.children) ? details.children.map((number) => `#${number}`) : []
  if (numbers.length === 0) return 'not all of its sub-issues are completed'
  if (numbers.length === 1) return `its sub-issue ${numbers[0]} is still open`
  return `its sub-issues ${listWords(numbers)} are still open`
}

function openIssues(details: Details): string {
  const open = whole(details, 'open')
  const title = text(details, 'title')
  const which = title === null ? '' : `, “${title}” among them`
  if (open === 1)
    return `${title === null ? 'one issue' : `“${title}”`} in ${quoted(details, 'column', 'the column')} is not completed`
  return `${open ?? 'some'} issues in ${quoted(details, 'column', 'the column')} are not completed${which}`
}

/** "a", "a and b", "a, b and c". */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
