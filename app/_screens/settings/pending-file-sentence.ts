import type { ImportReport } from '@/lib/sync/react'

/** What became of a file of pending work, in words for the person who brought it. */
export function pendingFileSentence(report: ImportReport): string {
  if (report.kind === 'unfit') return unfit[report.why]
  const { fresh, alreadyHere, answered, notRunnable } = report
  const known = alreadyHere + answered
  if (fresh + known === 0) return 'The file is whole, and there is no change in it.'
  if (fresh === 0)
    return `Nothing new: ${known === 1 ? 'the change in it is' : `all ${known} changes in it are`} known here already.`
  const sentences = [
    `${changes(fresh)} from the file ${fresh === 1 ? 'waits' : 'wait'} here now and will be sent.`,
    ...(known === 0 ? [] : [`${known} more ${known === 1 ? 'was' : 'were'} known here already.`]),
    ...(notRunnable === 0 ? [] : [notRunnableSentence(notRunnable)]),
  ]
  return sentences.join(' ')
}

/** Where it says what to do next, that is what helps. */
const unfit: Readonly<Record<Extract<ImportReport, { kind: 'unfit' }>['why'], string>> = {
  'not-ours': 'This is not a file of pending work. Choose one that was saved with “Save pending work as a file”.',
  damaged:
    'The file is damaged or was changed, so nothing was taken from it. Save it again on the other device, or copy it anew.',
  newer: 'The file was saved by a newer version of this app. Reload to get it here, then bring the file again.',
  'too-large': 'The file is too large to be one of pending work, so nothing was taken from it.',
  'other-user': 'The file holds the work of somebody else. Only they can bring it, signed in with their own account.',
}

function notRunnableSentence(count: number): string {
  return `${count} of them belong${count === 1 ? 's' : ''} to another version of the app: ${count === 1 ? 'it is' : 'they are'} sent as well, and shown once the server has answered.`
}

function changes(count: number): string {
  return count === 1 ? '1 change' : `${count} changes`
}
