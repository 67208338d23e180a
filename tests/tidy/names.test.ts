import { describe, expect, it } from 'vitest'
import { checkNames } from './names'

const messages = (path: string, text = 'export const a = 1') => checkNames([{ path, text }]).map((each) => each.message)

describe('file names', () => {
  it.each([
    'lib/sync/core/planIngest.ts',
    'lib/sync/core/Plan.ts',
    'app/_components/IssueCard.tsx',
    'lib/sync/core/plan_ingest.ts',
  ])('%s is not kebab-case', (path) => {
    expect(messages(path).join()).toContain('kebab-case')
  })

  it.each(['utils', 'util', 'helpers', 'helper', 'misc', 'common', 'types', 'type'])('"%s" says nothing', (name) => {
    expect(messages(`lib/sync/core/${name}.ts`).join()).toContain('says nothing')
    expect(messages(`tests/support/${name}.ts`).join()).toContain('says nothing')
  })

  it('a name does not repeat its folder', () => {
    expect(messages('lib/sync/store/store-driver.ts').join()).toContain('leave the word out')
    expect(messages('lib/sync/server/server.ts').join()).toContain('leave the word out')
    expect(messages('lib/sync/store/driver.ts')).toEqual([])
    expect(messages('lib/sync/store/storage.ts')).toEqual([])
  })

  it('a barrel is refused but for the two that are allowed', () => {
    const text = `export { a } from './a'\nexport * from './b'`
    expect(messages('lib/sync/core/index.ts', 'const a = 1').join()).toContain('barrel')
    expect(messages('lib/sync/core/all.ts', text).join()).toContain('barrel')
    expect(messages('lib/sync/react/index.ts', text)).toEqual([])
    expect(messages('lib/actions/index.ts', text)).toEqual([])
  })

  it.each([
    'app/(app)/projects/[id]/page.tsx',
    'lib/sync/core/plan-ingest.test.ts',
    'lib/sync/device/engine.worker.ts',
    'db/migrations/0001.sql',
  ])('%s is fine', (path) => {
    expect(messages(path)).toEqual([])
  })
})
