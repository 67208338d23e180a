/**
 * Calls that break replay are lint errors (biome.json loads the two .grit files): so an editor shows them where they are
 * written. Here the linter runs on planted files.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'beamline-lint-'))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

function lint(path: string, text: string): string {
  for (const each of ['biome.json', 'tests/tidy/deterministic-actions.grit', 'tests/tidy/pure-core.grit']) {
    mkdirSync(dirname(join(folder, each)), { recursive: true })
    cpSync(join(root, each), join(folder, each))
  }
  write(path, text)
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  try {
    return execFileSync(process.execPath, [biome, 'lint', '--vcs-enabled=false', '--colors=off', path], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    })
  } catch (error) {
    if (error instanceof Error && 'stdout' in error && 'stderr' in error) return `${error.stdout}${error.stderr}`
    throw error
  }
}

describe('banned calls', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each([
    ['Date.now()', 'take `now` from the context'],
    ['new Date()', 'take `now` from the context'],
    ['Math.random()', 'use `random()` from the context'],
    ['crypto.randomUUID()', "`id()`, `id('key')` or `random()`"],
    ['globalThis.crypto.randomUUID()', 'use `id()`'],
    [`fetch('https://example.org')`, 'pass the answer in the input'],
    ['performance.now()', 'take `now` from the context'],
    ['process.env', 'pass the value in the input'],
    [`sql.raw('x')`, 'Text must never become SQL'],
  ])('[ACT-1] an action may not use %s', (call, expected) => {
    expect(lint('lib/actions/planted.ts', `export const planted = () => ${call}\n`)).toContain(expected)
  })

  it.each([
    ['Date.now()', 'nowMs: number'],
    ['Math.random()', 'random: () => number'],
    ['crypto.randomUUID()', 'takes ids as parameters'],
    [`fetch('https://example.org')`, 'return a plan'],
    ['setTimeout(() => 1, 5)', 'return the delay'],
    [`console.log('x')`, 'return a trace event'],
  ])('core may not use %s', (call, expected) => {
    expect(lint('lib/sync/core/planted.ts', `export const planted = () => ${call}\n`)).toContain(expected)
  })

  it('elsewhere they are fine, and in an action what the context gives is fine', () => {
    expect(lint('server/planted.ts', 'export const planted = () => Date.now()\n')).toContain('No fixes applied')
    const text = 'export const planted = (now: Date) => new Date(now.getTime() + 1)\n'
    expect(lint('lib/actions/planted.ts', text)).toContain('No fixes applied')
  })
})
