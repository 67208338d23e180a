import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ActionRejected, type AnyAction, defineAction } from '../action'
import { actionIds } from '../core/ids'
import { limits } from '../core/protocol'
import { createRegistry, namedAudiences, resolveAction } from './resolve-action'

const rename = defineAction({
  name: 'room.rename',
  version: 3,
  input: z.strictObject({ room: z.string(), name: z.string().default('unnamed') }),
  audiences: ({ room }) => [`room:${room}`],
  versions: {
    1: (older) => ({ room: String(older), name: 'old' }),
    2: () => {
      throw new Error('this version was never meant to be')
    },
  },
  run: async () => null,
})
const registry = createRegistry([rename])
const offer = (version: number, input: unknown, name = 'room.rename') =>
  resolveAction(registry, { name, version, input })
const record = { id: '00000000-0000-4000-8000-000000000001', author: 'ann' }
const naming = (audiences: AnyAction['audiences']): AnyAction =>
  defineAction({ name: 'a.b', version: 1, input: z.unknown(), audiences, run: async () => null })

describe('from a name and a version to a function', () => {
  it('[ACT-4] finds the action and parses its input', () => {
    expect(offer(3, { room: '1' })).toEqual({
      kind: 'known',
      definition: rename,
      input: { room: '1', name: 'unnamed' },
    })
  })

  it('[ACT-4] turns older input into the current one', () => {
    expect(offer(1, 7)).toMatchObject({ kind: 'known', input: { room: '7', name: 'old' } })
  })

  it('[ACT-4] holds what this build does not know: another name, a version newer or without upcaster', () => {
    expect(offer(3, {}, 'room.renamed')).toEqual({ kind: 'unknown' })
    expect(offer(4, { room: '1' })).toEqual({ kind: 'unknown' })
    expect(offer(0, { room: '1' })).toEqual({ kind: 'unknown' })
    for (const name of ['__proto__', 'constructor', 'toString']) expect(offer(3, {}, name)).toEqual({ kind: 'unknown' })
  })

  it('[ING-0] says where input does not fit, and when an upcaster fails', () => {
    expect(offer(3, { room: 1, more: true })).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('room: '),
    })
    expect(offer(2, {})).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('The upcaster of version 2 failed'),
    })
  })

  it('[ACT-4] two actions of one name are a mistake', () => {
    expect(() => createRegistry([rename, naming(() => ['public']), rename])).toThrow(
      'Two actions are named "room.rename"',
    )
  })
})

describe('what an action names', () => {
  it('[ACT-2] a list means writes; what is only read is told apart', () => {
    expect(
      namedAudiences(
        naming(() => ['room:2', 'room:1']),
        null,
        record,
      ),
    ).toMatchObject({ writes: ['room:1', 'room:2'], reads: [] })
    const both = naming(() => ({ writes: ['room:1'], reads: ['public', 'room:1'] }))
    expect(namedAudiences(both, null, record)).toEqual({ writes: ['room:1'], reads: ['public'], founded: [] })
    const reading = naming((_, { user }) => ({ writes: [], reads: [`user:${user.id}`] }))
    expect(namedAudiences(reading, null, record)).toEqual({ writes: [], reads: ['user:ann'], founded: [] })
  })

  it('[AUD-4] a written audience named after a keyed id of the action is founded', () => {
    const founding = naming((_, { id }) => [`room:${id('room')}`, 'room:1'])
    const founded = `room:${actionIds(record.id).id('room')}`
    expect(namedAudiences(founding, null, record).founded).toEqual([founded])
  })

  it('[ACT-2] naming none is a bug of the action; names that could mean something else are rejected', () => {
    expect(() =>
      namedAudiences(
        naming(() => []),
        null,
        record,
      ),
    ).toThrow('names no audience')
    const bad = ['', 'Room:1', 'room 1', "room:'", 'room:1,room:2', '{room:1}', 'room:', `room:${'x'.repeat(200)}`]
    for (const name of bad) {
      expect(() =>
        namedAudiences(
          naming(() => [name]),
          null,
          record,
        ),
      ).toThrow(ActionRejected)
    }
    const many = Array.from({ length: limits.audiencesPerActionMax + 1 }, (_, index) => `room:${index}`)
    expect(() =>
      namedAudiences(
        naming(() => many),
        null,
        record,
      ),
    ).toThrow(ActionRejected)
    expect(
      namedAudiences(
        naming(() => many.slice(1)),
        null,
        record,
      ).writes,
    ).toHaveLength(limits.audiencesPerActionMax)
    for (const name of ['public', 'user:ann@example.org', 'room:1:owners', 'user:a_b.c+d-e']) {
      expect(
        namedAudiences(
          naming(() => [name]),
          null,
          record,
        ).writes,
      ).toEqual([name])
    }
  })
})
