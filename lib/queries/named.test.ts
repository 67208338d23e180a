import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { namedQueries } from './named'

const app = join(import.meta.dirname, '../../app')

/** The keys with which screens ask the server, as they stand in their sources. */
function keysOfScreens(): string[] {
  const files = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.tsx') || name.endsWith('.ts'),
  )
  const texts = files.map((name) => readFileSync(join(app, name), 'utf8'))
  return texts.flatMap((text) => [...text.matchAll(/key: '([a-z-]+)',\s*input\b/g)].map((match) => match[1] ?? ''))
}

describe('queries by name', () => {
  it('[LIVE-2] are those the screens ask for, all of them and no others', () => {
    expect([...new Set(keysOfScreens())].sort()).toEqual([...namedQueries.keys()].sort())
  })
})
