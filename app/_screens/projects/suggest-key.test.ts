import { expect, it } from 'vitest'
import { suggestKey } from './suggest-key'

it.each([
  ['Moon Landing', 'ML'],
  ['Apollo', 'APOL'],
  ['  the new web shop  ', 'TNWS'],
  ['Über uns', 'UU'],
  ['2026 Roadmap', 'ROAD'],
  ['', ''],
  ['日本', ''],
])('suggests a key for %o', (name, key) => expect(suggestKey(name)).toBe(key))
