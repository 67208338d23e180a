/** What the commands that check the project share: running one step after another, and telling what each took. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Where reports of test runners are kept between a run and its summary. */
export const reports = join(root, '.cache', 'reports')

/** One line of a summary. A check without tests of its own (types, lint) counts as one. */
export interface Outcome {
  readonly name: string
  readonly passed: number
  readonly failed: number
  readonly seconds: number
  /** Parts of this part, told apart in the summary but not counted again. */
  readonly details?: readonly Outcome[]
}

export interface Command {
  /** A package of this project and its program there, or a script of this project. */
  readonly program: { readonly package: string; readonly file: string } | { readonly script: string }
  readonly options?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs a program of the project with its output on the screen; resolves with the exit code, never rejects for one. */
export function run({ program, options = [], environment = {} }: Command): Promise<number> {
  const start =
    'script' in program
      ? ['--import', 'tsx', join(root, program.script)]
      : [join(root, 'node_modules', program.package, program.file)]
  const child = spawn(process.execPath, [...start, ...options], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** Runs a check that passes or fails as a whole. */
export async function check(name: string, command: Command): Promise<Outcome> {
  const startedAtMs = Date.now()
  console.log(`\n── ${name}`)
  const code = await run(command)
  return { name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, seconds: secondsSince(startedAtMs) }
}

export function secondsSince(startedAtMs: number): number {
  return (Date.now() - startedAtMs) / 1000
}

/** Adds the outcomes of a part up into one line. */
export function total(name: string, details: readonly Outcome[]): Outcome {
  const sum = (of: (outcome: Outcome) => number) => details.reduce((so, outcome) => so + of(outcome), 0)
  return {
    name,
    passed: sum((outcome) => outcome.passed),
    failed: sum((outcome) => outcome.failed),
    seconds: sum((outcome) => outcome.seconds),
    details,
  }
}

export function printSummary(outcomes: readonly Outcome[]): void {
  console.log(`\n${'part'.padEnd(34)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'seconds'.padStart(10)}`)
  const print = (outcome: Outcome, indent: string) => {
    const { name, passed, failed, seconds, details = [] } = outcome
    const numbers = `${String(passed).padStart(8)}${String(failed).padStart(8)}${seconds.toFixed(1).padStart(10)}`
    console.log(`${(indent + name).padEnd(34)}${numbers}`)
    for (const detail of details) print(detail, `${indent}  `)
  }
  for (const outcome of outcomes) print(outcome, '')
}
