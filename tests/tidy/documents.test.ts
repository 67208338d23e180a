import { describe, expect, it } from 'vitest'
import { checkDocuments } from './documents'

const tree = [
  { path: 'docs/SPEC.md', text: '' },
  { path: 'lib/sync/core/hlc.ts', text: '' },
]
const messages = (text: string, path = 'docs/A.md') =>
  checkDocuments([...tree, { path, text }]).map((each) => each.message)

describe('documents', () => {
  it('name files that exist', () => {
    expect(messages('see `lib/sync/core/hlc.ts` and [the rules](SPEC.md#clock), or [core](../lib/sync/core/)')).toEqual(
      [],
    )
    expect(messages('see `lib/sync/core/clock.ts`').join()).toContain('"lib/sync/core/clock.ts" does not exist')
    expect(messages('see [the rules](RULES.md)').join()).toContain('"docs/RULES.md" does not exist')
    expect(messages('see [the rules](docs/RULES.md)', 'README.md')).toHaveLength(1)
  })

  it('may show other files in code blocks, patterns and addresses', () => {
    expect(
      messages('```ts file=app/notes.tsx\n`app/notes.tsx`\n```\n`tests/tidy/*.ts` [x](https://example.org/a.md)'),
    ).toEqual([])
  })
})
