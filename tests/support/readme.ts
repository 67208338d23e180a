/**
 * Reads the steps of a document, so that tests can follow them literally: code blocks that say which file they belong to.
 *
 *     ```ts file=lib/actions/note.ts                        a new file
 *     ```ts file=db/schema.ts append                        at the end of a file
 *     ```ts file=db/policies.ts after="  settings: x,"      behind this line, which the file has exactly once
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Step {
  readonly file: string
  readonly place:
    | { readonly kind: 'new' }
    | { readonly kind: 'end' }
    | { readonly kind: 'after'; readonly line: string }
  /** Ends with a line break. */
  readonly text: string
}

export function readSteps(document: string): Step[] {
  return [...document.matchAll(/^```\w+ file=(\S+)(.*)\n([\s\S]*?)^```$/gm)].map(
    ([block, file = '', options = '', text = '']) => {
      const line = /^ after="(.*)"$/.exec(options)?.[1]
      if (line !== undefined) return { file, text, place: { kind: 'after', line } }
      if (options === '' || options === ' append')
        return { file, text, place: options === '' ? { kind: 'new' } : { kind: 'end' } }
      throw new Error(`Write "append" or after="…", or nothing: ${block.slice(0, 80)}`)
    },
  )
}

/** Carries a step out below `root`. Throws when the file is not as the document says. */
export function takeStep(root: string, step: Step): void {
  const path = join(root, step.file)
  if (step.place.kind === 'new') {
    if (existsSync(path)) throw new Error(`${step.file} is there already.`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, step.text)
    return
  }
  if (step.place.kind === 'end') {
    appendFileSync(path, `\n${step.text}`)
    return
  }
  const { line } = step.place
  const lines = readFileSync(path, 'utf8').split('\n')
  const places = lines.flatMap((each, index) => (each === line ? [index] : []))
  const [index] = places
  if (index === undefined || places.length > 1) throw new Error(`${step.file} has "${line}" ${places.length} times.`)
  lines.splice(index + 1, 0, step.text.replace(/\n$/, ''))
  writeFileSync(path, lines.join('\n'))
}

/** Lines a person writes, blank ones left out. */
export function writtenLines(steps: readonly Step[]): number {
  return steps.flatMap((step) => step.text.split('\n')).filter((line) => line.trim() !== '').length
}
