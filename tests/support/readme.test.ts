import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSteps, type Step, takeStep, writtenLines } from './readme'

const isWhole = ({ place }: Step) => place.kind === 'new'
const root = fileURLToPath(new URL('../..', import.meta.url))

describe('steps of a document', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'beamline-readme-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('are read from code blocks that name a file', () => {
    const document =
      '```ts file=a.ts\na\n```\n```sh\nno\n```\n```ts file=b.ts append\nb\n```\n```ts file=c.ts after="  x,"\nc\n```\n'
    expect(readSteps(document)).toEqual([
      { file: 'a.ts', place: { kind: 'new' }, text: 'a\n' },
      { file: 'b.ts', place: { kind: 'end' }, text: 'b\n' },
      { file: 'c.ts', place: { kind: 'after', line: '  x,' }, text: 'c\n' },
    ])
    expect(() => readSteps('```ts file=a.ts before="x"\na\n```')).toThrow('Write "append"')
  })

  it('are carried out literally, or not at all', () => {
    writeFileSync(join(folder, 'list.ts'), 'one\ntwo\nthree\nthree\n')
    const behind = (line: string) => ({ file: 'list.ts', place: { kind: 'after' as const, line }, text: 'new\n' })
    takeStep(folder, behind('two'))
    takeStep(folder, { file: 'list.ts', place: { kind: 'end' }, text: 'end\n' })
    expect(readFileSync(join(folder, 'list.ts'), 'utf8')).toBe('one\ntwo\nnew\nthree\nthree\n\nend\n')
    expect(() => takeStep(folder, behind('three'))).toThrow('has "three" 2 times')
    expect(() => takeStep(folder, behind('four'))).toThrow('has "four" 0 times')
    takeStep(folder, { file: 'deep/new.ts', place: { kind: 'new' }, text: 'x\n' })
    expect(() => takeStep(folder, { file: 'deep/new.ts', place: { kind: 'new' }, text: 'x\n' })).toThrow(
      'is there already',
    )
  })

  it('of the README fit the files as they are now, in fewer than forty lines', () => {
    const steps = readSteps(readFileSync(join(root, 'README.md'), 'utf8'))
    for (const { file } of steps.filter(({ file }) => existsSync(join(root, file)))) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      cpSync(join(root, file), join(folder, file))
    }
    for (const step of steps) takeStep(folder, step)
    expect(new Set(steps.map(({ file }) => file))).toContain('db/schema.ts')
    expect(writtenLines(steps)).toBeLessThan(40)
  })

  it('of the README leave files as `npm run check` wants them', () => {
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
    for (const { file, text } of readSteps(readFileSync(join(root, 'README.md'), 'utf8')).filter(isWhole)) {
      const options = ['check', '--write', `--stdin-file-path=${file}`]
      const checked = spawnSync(process.execPath, [biome, ...options], { cwd: root, input: text, encoding: 'utf8' })
      expect([checked.status, checked.stdout], checked.stderr).toEqual([0, text])
    }
  })
})
