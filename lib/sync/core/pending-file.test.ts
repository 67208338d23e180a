import { describe, expect, test } from 'vitest'
import { encodeClock } from './hlc'
import { type FiledAction, pendingFileLimits, readPendingFile, writePendingFile } from './pending-file'

const clientId = '00000000-0000-4000-8000-000000000001'

const action = (place: number, input = '{"title":"Mast"}'): FiledAction => ({
  id: `00000000-0000-4000-9000-${String(place).padStart(12, '0')}`,
  ...{ name: 'issue.create', version: 1, input, wasConfirmed: false },
  clock: encodeClock({ ms: place, counter: 0, clientId }),
})

const write = (actions: readonly FiledAction[]) =>
  writePendingFile({ userId: 'ann', exportedAtMs: 1_700_000_000_000, actions }) ?? ''

/** The file with something in it changed by hand; its hash is left as it is. */
function changed(text: string, change: (value: Record<string, unknown>) => unknown): string {
  return JSON.stringify(change(JSON.parse(text) as Record<string, unknown>))
}

describe('the file of pending work', () => {
  test('[OUT-2] what was written is read again, in the order in which it was done', () => {
    const actions = [action(2), action(1), action(3, '{"a":[1,{"b":null}],"ä":"😀"}')]
    expect(readPendingFile(write(actions), 'ann')).toEqual({
      ...{ kind: 'read', exportedAtMs: 1_700_000_000_000 },
      actions,
    })
    expect(readPendingFile(write([]), 'ann')).toMatchObject({ kind: 'read', actions: [] })
  })

  test('[OUT-2] spaces and line ends that a mail program changed do no harm', () => {
    const text = changed(write([action(1)]), (value) => value)
    expect(readPendingFile(text.replaceAll(',', ',\r\n'), 'ann')).toMatchObject({ kind: 'read' })
  })

  test('[OUT-2, DEV-1] the file of another person is refused', () => {
    expect(readPendingFile(write([action(1)]), 'ben')).toEqual({ kind: 'unfit', why: 'other-user' })
  })

  test.each([
    ['nothing', '', 'not-ours'],
    ['a picture', '\u0089PNG\r\n', 'not-ours'],
    ['another JSON file', '{"audiences":[],"tables":{}}', 'not-ours'],
    ['JSON that is no object', 'null', 'not-ours'],
    ['a newer file', changed(write([action(1)]), (value) => ({ ...value, version: 2, more: true })), 'newer'],
    ['a file that was cut off', write([action(1)]).slice(0, -20), 'damaged'],
    ['one with a word more', changed(write([action(1)]), (value) => ({ ...value, more: true })), 'damaged'],
    ['one with another author', changed(write([action(1)]), (value) => ({ ...value, userId: 'ben' })), 'damaged'],
    ['one with an action less', changed(write([action(1)]), (value) => ({ ...value, actions: [] })), 'damaged'],
    ['one with an action twice', write([action(1), action(1)]), 'damaged'],
    ['a clock that is none', write([{ ...action(1), clock: 'noon' }]), 'damaged'],
    ['an id that is none', write([{ ...action(1), id: 'one' }]), 'damaged'],
    ['a name that is none', write([{ ...action(1), name: "'; drop" }]), 'damaged'],
    ['text that no database takes', write([action(1, '{"title":"\\u0000"}')]), 'damaged'],
    ['half a character', write([action(1, '{"title":"\\ud800"}')]), 'damaged'],
    ['an input too large', write([action(1, JSON.stringify('x'.repeat(128 * 1024)))]), 'damaged'],
    ['an input too deep', write([action(1, `${'['.repeat(33)}${']'.repeat(33)}`)]), 'damaged'],
    ['too many actions', changed(write([action(1)]), tooMany), 'too-large'],
    ['too many bytes', ' '.repeat(pendingFileLimits.charactersMax + 1), 'too-large'],
  ])('[OUT-2] %s is refused, and says why', (_, text, why) => {
    expect(readPendingFile(text, 'ann')).toEqual({ kind: 'unfit', why })
  })

  test('[OUT-2] each byte counts: whatever is taken out of a file or changed in it, nothing else is read from it', () => {
    const text = write([action(1), action(2)])
    const whole = readPendingFile(text, 'ann')
    for (let place = 0; place < text.length; place += 1) {
      for (const damaged of [
        text.slice(0, place) + text.slice(place + 1),
        `${text.slice(0, place)}7${text.slice(place + 1)}`,
      ]) {
        const reading = readPendingFile(damaged, 'ann')
        if (reading.kind === 'read') expect(reading, `at ${place}`).toEqual(whole)
      }
    }
  })

  test('[OUT-2] what is nested a million times deep is refused, and nobody falls', () => {
    const deep = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`
    const text = write([action(1)]).replace(/"input": \{[^}]*\}/, `"input": ${deep}`)
    expect(readPendingFile(text, 'ann')).toEqual({ kind: 'unfit', why: 'damaged' })
  })

  test('[OUT-2] more than anybody reads is not written', () => {
    const many = Array.from({ length: pendingFileLimits.actionsMax + 1 }, (_, place) => action(place))
    expect(writePendingFile({ userId: 'ann', exportedAtMs: 0, actions: many })).toBeNull()
  })
})

function tooMany(value: Record<string, unknown>) {
  return { ...value, actions: Array.from({ length: pendingFileLimits.actionsMax + 1 }, () => null) }
}
