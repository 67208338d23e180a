/**
 * What the port of the actions promises, as one short history: each step says what comes of it, and a look inside a step
 * that is not true throws. Every implementation of the port runs it, and all must end with the same rows.
 */
import { z } from 'zod'
import { type ActionContext, type AnyAction, defineAction, type NamedAudiences, reject } from '@/lib/sync/action'
import { encodeClock } from '@/lib/sync/core/hlc'
import { actionIds } from '@/lib/sync/core/ids'
import type { AcceptedRecord, OracleOutcome } from './oracle'
import type { Rows } from './rows'
import { rowsOf } from './sql-rows'

interface PortStep {
  readonly says: string
  /** Default `ann`, who owns the room; `ben` is a viewer, `zoe` a stranger. */
  readonly author?: string
  /** Default: writes the room. */
  readonly audiences?: NamedAudiences
  readonly outcome: OracleOutcome
  run(rows: Rows, context: Pick<ActionContext<unknown>, 'id'>): Promise<void>
}

const stepId = (step: number) => `00000000-0000-4000-8000-${(0x5a0000 + step).toString(16).padStart(12, '0')}`
/** What `id(key)` of a step handed out. */
const made = (step: number, key: string) => actionIds(stepId(step)).id(key)

const room = `room:${made(0, 'room')}`
const other = `room:${made(1, 'room')}`
const most = '9223372036854775807'
const notAllowed = { rejected: 'not-allowed' }
const anError = { rejected: 'error' }

function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(`The port breaks its promise: ${what}`)
}

const thing = (audience: string, id: string, value = '1') => ({ id, audience, label: 'thing', value, holder: null })

const founding: readonly PortStep[] = [
  {
    says: 'a founder writes where editors only may, before there is a member',
    audiences: { writes: [room] },
    outcome: 'applied',
    async run(rows, { id }) {
      await rows.put('accounts', { id: id('till'), audience: room, holder: 'till', balance: most })
      for (const [userId, role] of [
        ['ann', 'owner'],
        ['ben', 'viewer'],
      ] as const) {
        await rows.put('members', { id: id(userId), audience: room, user_id: userId, role })
      }
      await rows.put('folders', { id: id('folder'), audience: room, title: 'Ä "1" \\' })
      await rows.put('notes', { id: id('note'), audience: room, folder_id: id('folder'), body: '' })
      for (const key of ['a', 'b', 'c']) await rows.put('items', thing(room, id(key)))
      await rows.put('seats', { id: id('seat'), audience: room, place: '1', holder: 'ann' })
    },
  },
  {
    says: 'another room',
    audiences: { writes: [other] },
    outcome: 'applied',
    async run(rows, { id }) {
      await rows.put('members', { id: id('ann'), audience: other, user_id: 'ann', role: 'owner' })
      await rows.put('items', thing(other, id('far')))
    },
  },
]

const reading: readonly PortStep[] = [
  {
    says: 'values come back as the text they went in, numbers too',
    outcome: 'applied',
    async run(rows) {
      const till = await rows.get('accounts', made(0, 'till'))
      holds(till?.balance === most && till.holder === 'till', 'a bigint keeps its digits')
      holds((await rows.get('items', made(0, 'a')))?.holder === null, 'null is null')
      holds((await rows.get('folders', made(0, 'folder')))?.title === 'Ä "1" \\', 'texts are not changed')
    },
  },
  {
    says: 'a list is ordered by id, and has the rows of this audience only',
    audiences: { writes: [room], reads: [other] },
    outcome: 'applied',
    async run(rows) {
      const ids = (await rows.list('items', room)).map((row) => row.id)
      const expected = ['a', 'b', 'c'].map((key) => made(0, key)).sort()
      holds(JSON.stringify(ids) === JSON.stringify(expected), 'ordered by id')
      holds((await rows.list('items', other)).length === 1, 'an audience that is only read is seen')
    },
  },
  {
    says: 'rows of audiences that were not named cannot be seen',
    outcome: 'applied',
    async run(rows) {
      holds((await rows.get('items', made(1, 'far'))) === null, 'get does not see them')
      holds((await rows.list('items', other)).length === 0, 'list does not see them')
      holds((await rows.delete('items', made(1, 'far'))) === false, 'delete does not reach them')
    },
  },
  {
    says: 'strangers have no authority',
    author: 'zoe',
    outcome: { rejected: 'authority' },
    run: async () => undefined,
  },
]

const writing: readonly PortStep[] = [
  {
    says: 'put inserts, updates the whole row, and sees what it wrote',
    outcome: 'applied',
    async run(rows, { id }) {
      await rows.put('items', { ...thing(room, id('new')), holder: 'ann' })
      holds((await rows.get('items', id('new')))?.holder === 'ann', 'the inserted row is there')
      await rows.put('items', { id: id('new'), audience: room, label: 'thing', value: '-5' })
      const row = await rows.get('items', id('new'))
      holds(row?.value === '-5' && row.holder === null, 'a column that was left out is null')
    },
  },
  {
    says: 'put with another audience moves the row',
    audiences: { writes: [room, other] },
    outcome: 'applied',
    async run(rows) {
      await rows.put('items', thing(other, made(0, 'a'), '2'))
      holds((await rows.list('items', other)).length === 2, 'it is in the other room')
      holds(
        (await rows.list('items', room)).every((row) => row.id !== made(0, 'a')),
        'it has left this one',
      )
    },
  },
  {
    says: 'a row in an audience that is only read cannot be changed',
    audiences: { writes: [room], reads: [other] },
    outcome: notAllowed,
    run: (rows) => rows.put('items', thing(other, made(1, 'far'), '9')),
  },
  {
    says: 'nor taken out of it',
    audiences: { writes: [room], reads: [other] },
    outcome: notAllowed,
    run: (rows) => rows.put('items', thing(room, made(1, 'far'))),
  },
  {
    says: 'nor is a row put into it',
    audiences: { writes: [room], reads: [other] },
    outcome: notAllowed,
    run: (rows) => rows.put('items', thing(other, made(0, 'b'))),
  },
  {
    says: 'nor inserted where nothing was named',
    outcome: notAllowed,
    run: (rows, { id }) => rows.put('items', thing(other, id())),
  },
  {
    says: 'nor deleted, which answers false',
    audiences: { writes: [room], reads: [other] },
    outcome: 'applied',
    run: async (rows) => holds(!(await rows.delete('items', made(1, 'far'))), 'delete says false'),
  },
]

const editing: readonly PortStep[] = [
  {
    says: 'a viewer changes what everybody may',
    author: 'ben',
    outcome: 'applied',
    run: (rows) => rows.put('items', thing(room, made(0, 'c'), '3')),
  },
  {
    says: 'a viewer does not insert where editors only may',
    author: 'ben',
    outcome: notAllowed,
    run: (rows, { id }) => rows.put('seats', { id: id(), audience: room, place: '2', holder: 'ben' }),
  },
  {
    says: 'nor update',
    author: 'ben',
    outcome: notAllowed,
    run: (rows) => rows.put('accounts', { id: made(0, 'till'), audience: room, holder: 'ben', balance: '1' }),
  },
  {
    says: 'nor delete',
    author: 'ben',
    outcome: 'applied',
    run: async (rows) => holds(!(await rows.delete('seats', made(0, 'seat'))), 'delete says false'),
  },
  {
    says: 'roles count as they are at that moment of the action',
    author: 'ben',
    outcome: 'applied',
    async run(rows, { id }) {
      const member = { id: made(0, 'ben'), audience: room, user_id: 'ben' }
      await rows.put('members', { ...member, role: 'editor' })
      await rows.put('seats', { id: id('seat'), audience: room, place: '2', holder: 'ben' })
      holds(await rows.delete('seats', id('seat')), 'an editor may delete')
      await rows.put('members', { ...member, role: 'viewer' })
      holds(!(await rows.delete('seats', made(0, 'seat'))), 'a viewer again may not')
    },
  },
  {
    says: 'everybody edits in their own audience',
    author: 'zoe',
    audiences: { writes: ['user:zoe'] },
    outcome: 'applied',
    async run(rows, { id }) {
      await rows.put('accounts', { id: id('purse'), audience: 'user:zoe', holder: 'zoe', balance: '0' })
      await rows.put('accounts', { id: id('purse'), audience: 'user:zoe', holder: 'zoe', balance: '1' })
    },
  },
]

const constraints: readonly PortStep[] = [
  {
    says: 'unique columns are held to at once',
    outcome: anError,
    async run(rows, { id }) {
      await rows.put('seats', { id: id('double'), audience: room, place: '1', holder: 'ben' })
      await rows.delete('seats', id('double'))
    },
  },
  {
    says: 'refused by the policy before the constraint can tell what is there',
    author: 'ben',
    outcome: notAllowed,
    run: (rows, { id }) => rows.put('seats', { id: id(), audience: room, place: '1', holder: 'ben' }),
  },
  {
    says: 'a missing parent is an error at the end, and no sooner',
    outcome: 'applied',
    async run(rows, { id }) {
      await rows.put('notes', { id: id('early'), audience: room, folder_id: id('late'), body: 'first' })
      await rows.put('folders', { id: id('late'), audience: room, title: 'then' })
    },
  },
  {
    says: 'a parent that never comes',
    outcome: anError,
    run: (rows, { id }) => rows.put('notes', { id: id(), audience: room, folder_id: id(), body: '' }),
  },
  {
    says: 'a parent does not leave its children behind',
    audiences: { writes: [room, other] },
    outcome: anError,
    run: (rows) => rows.put('folders', { id: made(0, 'folder'), audience: other, title: '' }),
  },
  {
    says: 'a parent moves with its children, in any order',
    audiences: { writes: [room, other] },
    outcome: 'applied',
    async run(rows) {
      const [folder, note] = [made(0, 'folder'), made(0, 'note')]
      await rows.put('folders', { id: folder, audience: other, title: '' })
      await rows.put('notes', { id: note, audience: other, folder_id: folder, body: '' })
    },
  },
  {
    says: 'a deleted parent takes its children along at once, and those that came back stay',
    audiences: { writes: [other] },
    outcome: 'applied',
    async run(rows) {
      const [folder, note] = [made(0, 'folder'), made(0, 'note')]
      holds(await rows.delete('folders', folder), 'the folder goes')
      holds((await rows.get('notes', note)) === null, 'its note is gone')
      await rows.put('folders', { id: folder, audience: other, title: 'again' })
      await rows.put('notes', { id: note, audience: other, folder_id: folder, body: 'again' })
    },
  },
  {
    says: 'a key that nobody handed out is an error, although its row is gone again',
    outcome: anError,
    async run(rows) {
      await rows.put('items', thing(room, stepId(9_999)))
      await rows.delete('items', stepId(9_999))
    },
  },
  {
    says: 'a key that is somewhere out of sight ends in the same',
    outcome: anError,
    run: (rows) => rows.put('items', thing(room, made(1, 'far'))),
  },
  {
    says: 'its own word counts when the action says no after that',
    outcome: { rejected: 'of-my-own' },
    async run(rows) {
      await rows.put('items', thing(room, stepId(9_999)))
      reject('of-my-own')
    },
  },
]

export const portSteps: readonly PortStep[] = [...founding, ...reading, ...writing, ...editing, ...constraints]

const step = defineAction({
  name: 'port.step',
  version: 1,
  input: z.strictObject({ step: z.int().min(0) }),
  audiences(input, { id }) {
    // Handed out here, the ids of the first two steps found their rooms.
    id('room')
    return portSteps[input.step]?.audiences ?? { writes: [room] }
  },
  async run({ db, input, id }) {
    await portSteps[input.step]?.run(rowsOf(db), { id })
  },
})

export const portActions: readonly AnyAction[] = [step]

/** The records of all steps, in their order. */
export const portRecords: readonly AcceptedRecord[] = portSteps.map(({ author = 'ann' }, index) => ({
  id: stepId(index),
  name: step.name,
  version: step.version,
  input: JSON.stringify({ step: index }),
  author,
  clock: encodeClock({ ms: Date.UTC(2031, 5, 1) + index, counter: 0, clientId: stepId(0xffff) }),
}))
