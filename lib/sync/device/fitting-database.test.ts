import { describe, expect, test } from 'vitest'
import type { ExchangeAnswer } from '../core/protocol'
import type { Store } from '../store/driver'
import { hasOurTables, NewerTables, openFitting } from './fitting-database'
import type { Transport, TransportOutcome } from './transport'

const tags = (...names: readonly string[]) => names.map((tag) => ({ tag, statements: [] }))

/** Directories that hold these migrations, by number; what is opened and closed is noted. */
function directories(applied: Readonly<Record<number, readonly string[]>>) {
  const deeds: string[] = []
  const open = async (directory: number) => {
    deeds.push(`open ${directory}`)
    const rows = async (statement: string) => [[statement.includes('to_regclass')]]
    const query = async () => (applied[directory] ?? []).map((tag) => ({ tag }))
    const store = {
      transaction: (work: (sql: unknown) => Promise<unknown>) => work({ rows, query }),
      close: async () => void deeds.push(`close ${directory}`),
    } as unknown as Store
    return { store, directory }
  }
  return { open, deeds }
}

const fitting = { directory: 1, waitingCount: 2, migrations: tags('one', 'two') }

describe('opening a database', () => {
  test.each([[['one', 'two']], [['one']], [[]]])(
    '[MIG-1] with the tables of this app or older ones (%j) it is opened, and nobody is asked',
    async (applied) => {
      const { open, deeds } = directories({ 1: applied })
      const asked = () => Promise.reject(new Error('Nobody is to be asked'))
      expect(await openFitting({ ...fitting, open, hasOurTables: asked })).toMatchObject({ directory: 1 })
      expect(deeds).toEqual(['open 1'])
    },
  )

  test('[MIG-1, FM-27] newer tables are left alone, and the sentence says what to do and what waits', async () => {
    const { open, deeds } = directories({ 1: ['one', 'two', 'three'] })
    const opening = openFitting({ ...fitting, open, hasOurTables: async () => false })
    await expect(opening).rejects.toThrow(NewerTables)
    await expect(opening).rejects.toThrow(/Reload to get it; your work is kept. 2 changes wait here/)
    expect(deeds).toEqual(['open 1', 'close 1'])
  })

  test('[MIG-1, OUT-1] where the server has the tables of this app, the newer directory is left aside for the next', async () => {
    const { open, deeds } = directories({ 1: ['one', 'two', 'three'] })
    expect(await openFitting({ ...fitting, open, hasOurTables: async () => true })).toMatchObject({ directory: 2 })
    expect(deeds).toEqual(['open 1', 'close 1', 'open 2'])
  })
})

describe('whose tables the server has', () => {
  const ask = (outcome: TransportOutcome) => {
    const transport = { exchange: async () => outcome } as unknown as Transport
    return hasOurTables({ transport, clientId: 'c', build: '1', schema: 's', schedule: () => () => undefined })
  }
  const answer = (kind: ExchangeAnswer['kind']) => ({ kind: 'answer', answer: { kind } as ExchangeAnswer }) as const

  test.each([
    ['rows', answer('sync'), true],
    ['that this app must be updated', answer('update'), false],
    ['nothing', { kind: 'offline' } as const, false],
    ['that nobody is signed in', { kind: 'signed-out' } as const, false],
    ['that it is busy', { kind: 'back-off', isRateLimit: false, retryAfterMs: null } as const, false],
  ])('[MIG-1] when it answers %s', async (_, outcome, isOurs) => {
    expect(await ask(outcome)).toBe(isOurs)
  })
})
