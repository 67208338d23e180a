import { describe, expect, it } from 'vitest'
import { pendingFileSentence } from './pending-file-sentence'

const taken = { kind: 'taken-in', fresh: 0, alreadyHere: 0, answered: 0, notRunnable: 0 } as const

describe('what is said of a file of pending work', () => {
  it.each([
    [{ ...taken, fresh: 1 }, '1 change from the file waits here now and will be sent.'],
    [
      { ...taken, fresh: 3, alreadyHere: 1, answered: 1 },
      '3 changes from the file wait here now and will be sent. 2 more were known here already.',
    ],
    [
      { ...taken, fresh: 2, notRunnable: 1 },
      '2 changes from the file wait here now and will be sent. 1 of them belongs to another version of the app: it is sent as well, and shown once the server has answered.',
    ],
    [{ ...taken, answered: 1 }, 'Nothing new: the change in it is known here already.'],
    [{ ...taken, answered: 2, alreadyHere: 2 }, 'Nothing new: all 4 changes in it are known here already.'],
    [taken, 'The file is whole, and there is no change in it.'],
  ])('[OUT-2] of %j', (report, sentence) => {
    expect(pendingFileSentence(report)).toBe(sentence)
  })

  it('[OUT-2, DEV-1] a file of somebody else is refused in plain words', () => {
    expect(pendingFileSentence({ kind: 'unfit', why: 'other-user' })).toMatch(/somebody else/)
  })
})
