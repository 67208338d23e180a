/**
 * One word for one thing (docs/GLOSSARY.md): what the engine exports, and what its files are called, uses the vocabulary.
 */
import { posix } from 'node:path'
import { type Finding, isCode, isTest, lineAt, parse, type Source } from './source'

/** What not to say, and the word to use instead. */
const instead: Readonly<Record<string, string>> = {
  mutation: 'action',
  mutator: 'action',
  command: 'action',
  operation: 'action record',
  args: 'input',
  payload: 'input',
  sequence: 'ordinal',
  timestamp: 'clock',
  room: 'audience',
  tenant: 'audience',
  scope: 'audience',
  tracking: 'capture',
  diff: 'patch',
  amr: 'patch',
  undo: 'rollBack',
  rollback: 'rollBack (two words)',
  reexecute: 'replay',
  merge: 'fastForward',
  truth: 'canonical state',
  master: 'server or leader',
  journal: 'log',
  changelog: 'log',
  fixup: 'correction',
  watermark: 'cursor',
  offset: 'cursor',
  unsynced: 'pending',
  dirty: 'pending',
  overlay: 'provisional layer',
  failed: 'rejected',
  denied: 'refused',
  quarantined: 'held',
  quarantine: 'hold',
  ack: 'receipt',
  reconcile: 'rebase',
  dump: 'snapshot',
  gc: 'sealed',
  generation: 'epoch',
  queue: 'outbox',
}

/** Two meanings of a word that are not the one the vocabulary replaces. */
const allowed = new Set(['clockOffsetMs', 'clockOffset', 'outboxRetentionMs'])

export function checkVocabulary(sources: readonly Source[]): Finding[] {
  return sources
    .filter((source) => source.path.startsWith('lib/sync/') && isCode(source) && !isTest(source))
    .flatMap((source) => [...checkFileName(source), ...checkExports(source)])
}

function checkFileName(source: Source): Finding[] {
  const stem = posix.basename(source.path).replace(/\.(ts|tsx|js|mjs)$/, '')
  return complaints(stem.split(/[-.]/)).map((message) => ({
    path: source.path,
    line: 1,
    message: `File name "${stem}": ${message}`,
  }))
}

function checkExports(source: Source): Finding[] {
  const entries = parse(source).module.staticExports.flatMap((statement) => statement.entries)
  return entries.flatMap(({ exportName, start }) => {
    const name = exportName.name ?? ''
    if (allowed.has(name)) return []
    return complaints(wordsOf(name)).map((message) => ({
      path: source.path,
      line: lineAt(source, exportName.start ?? start),
      message: `"${name}": ${message}`,
    }))
  })
}

function complaints(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    const better = instead[word] ?? instead[word.replace(/s$/, '')]
    return better === undefined ? [] : [`do not say "${word}", say "${better}" (docs/GLOSSARY.md).`]
  })
}

/** `PushQueueHTTPState` is push, queue, http, state. */
function wordsOf(identifier: string): string[] {
  return (identifier.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? []).map((word) => word.toLowerCase())
}
