import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fingerprintsOf } from './action-code'
import { compareShipped } from './shipped'

const files = {
  'index.ts': "export * from './seat'\nexport * from './room'\n",
  'seat.ts': `import { z } from 'zod'
import { defineAction } from '@/lib/sync/action'
import { seats } from '@/db/schema'
import { firstFree } from './places'
const seat = z.object({ place: z.int() })
export const claimSeat = defineAction({
  name: 'seat.claim', version: 1, input: seat, audiences: () => ['public'],
  async run({ db, input }) { await db.insert(seats).values({ place: firstFree(input.place) }) },
})
export const leaveSeat = defineAction({
  name: 'seat.leave', version: 2, input: seat, audiences: () => ['public'],
  versions: { 1: (older) => ({ place: Number(older) }) },
  async run({ db }) { await db.delete(seats) },
})
`,
  'room.ts': `import { z } from 'zod'
import { defineAction } from '../lib/sync/action'
export const closeRoom = defineAction({
  name: 'room.close', version: 1, input: z.object({}), audiences: () => ['public'],
  async run() {},
})
`,
  'places.ts': `/** The first. */
export const firstFree = (place: number): number => place + 1
export const lastFree = (place: number): number => place - 1
`,
}
const shape = { input: null, audiences: () => [], run: async () => undefined }
const exported = {
  claimSeat: { ...shape, name: 'seat.claim', version: 1 },
  leaveSeat: { ...shape, name: 'seat.leave', version: 2, versions: { 1: () => null } },
  closeRoom: { ...shape, name: 'room.close', version: 1 },
  actions: [],
}
const model = { grants: [], policies: {}, functions: [] } as unknown as Parameters<typeof fingerprintsOf>[0]['model']

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'beamline-actions-'))
  mkdirSync(join(directory, 'actions'))
  for (const [name, text] of Object.entries(files)) write(name as keyof typeof files, text)
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const write = (name: keyof typeof files, text: string) => writeFileSync(join(directory, 'actions', name), text)
const prints = () => fingerprintsOf({ entry: 'actions/index.ts', exports: exported, model, directory })

/** What another fingerprint has once the file is another one. */
async function changedBy(name: keyof typeof files, from: string, to: string): Promise<string[]> {
  const before = await prints()
  expect(files[name]).toContain(from)
  write(name, files[name].replace(from, to))
  const after = await prints()
  return Object.keys(before).filter((key) => before[key] !== after[key])
}

describe('fingerprints of actions', () => {
  test('[DEP-1] there is one for each version that is known, and one for the rules', async () => {
    const names = ['room.close@1', 'seat.claim@1', 'seat.leave@1', 'seat.leave@2']
    expect(Object.keys(await prints())).toEqual([...names.map((name) => `action ${name}`), 'rules'])
    expect(await prints()).toEqual(await prints())
  })

  test('[DEP-1] the code of one action is no change of its neighbours', async () => {
    expect(await changedBy('seat.ts', 'db.insert(seats)', 'db.insert(seats as never)')).toEqual([])
    expect(await changedBy('seat.ts', 'firstFree(input.place)', 'firstFree(input.place * 2)')).toEqual([
      'action seat.claim@1',
    ])
  })

  test('[DEP-1] neither are comments, layout, types and what nobody uses', async () => {
    expect(await changedBy('places.ts', '/** The first. */', '// Of all places\n\n')).toEqual([])
    expect(await changedBy('places.ts', 'place - 1', 'place - 2')).toEqual([])
    expect(await changedBy('places.ts', '(place: number): number => place + 1', '(place: 1 | 2) => place + 1')).toEqual(
      [],
    )
  })

  test('[DEP-1] what an action uses is its code, wherever it stands', async () => {
    expect(await changedBy('places.ts', 'place + 1', 'place + 2')).toEqual(['action seat.claim@1'])
    expect(await changedBy('seat.ts', 'place: z.int() }', 'place: z.int().min(1) }')).toEqual([
      'action seat.claim@1',
      'action seat.leave@1',
      'action seat.leave@2',
    ])
  })

  test('[DEP-1] an upcaster belongs to all versions of its action', async () => {
    expect(await changedBy('seat.ts', 'Number(older)', 'Number(older) + 1')).toEqual([
      'action seat.leave@1',
      'action seat.leave@2',
    ])
  })

  test('[DEP-1] who may do what is a rule of its own', async () => {
    const before = await prints()
    const strict = { ...model, policies: { seats: { insert: 'false' } } } as unknown as typeof model
    const after = await fingerprintsOf({ entry: 'actions/index.ts', exports: exported, model: strict, directory })
    expect(Object.keys(before).filter((key) => before[key] !== after[key])).toEqual(['rules'])
  })
})

describe('what was shipped', () => {
  const shipped = { 'action a@1': '1', 'action b@1': '1', rules: '1' }

  test('[DEP-1] may be joined by new things, and must not change without a word', () => {
    expect(compareShipped(shipped, { ...shipped, 'action c@1': '1' })).toEqual({
      ...{ added: ['action c@1'], raised: [], changed: [] },
    })
    expect(compareShipped(shipped, { ...shipped, 'action a@1': '2' }).changed).toEqual(['action a@1'])
    expect(compareShipped(shipped, { ...shipped, rules: '2' }).changed).toEqual(['rules'])
    expect(compareShipped(shipped, { 'action b@1': '1', rules: '1' }).changed).toEqual(['action a@1'])
  })

  test('[DEP-1] a new version is the word: the older one runs its code from now on', () => {
    const current = { ...shipped, 'action a@1': '2', 'action a@2': '1' }
    expect(compareShipped(shipped, current)).toEqual({ added: ['action a@2'], raised: ['action a@1'], changed: [] })
    // But the older one must not be forgotten.
    const { 'action a@1': _, ...forgotten } = current
    expect(compareShipped(shipped, forgotten).changed).toEqual(['action a@1'])
    // Nor may a version that was shipped be changed again.
    expect(compareShipped(current, { ...current, 'action a@2': '9' }).changed).toEqual(['action a@2'])
  })
})
