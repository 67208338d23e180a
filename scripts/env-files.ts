/** Reads `.env` files for commands, in the order and with the precedence Next uses, so that both see the same settings. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { startupProblem } from '../server/startup-problem'
import { root } from './steps'

/** What is set already wins, then the more particular file. */
export function loadEnvFiles(mode: 'development' | 'production'): void {
  for (const name of [`.env.${mode}.local`, '.env.local', `.env.${mode}`, '.env']) {
    const path = join(root, name)
    if (!existsSync(path)) continue
    for (const [key, value] of Object.entries(parseEnv(readFileSync(path, 'utf8')))) process.env[key] ??= value
  }
}

/** Runs a command's work; what goes wrong is told in words for a person where there are any. */
export async function runCommand(work: () => Promise<number>): Promise<never> {
  try {
    process.exit(await work())
  } catch (error) {
    const problem = startupProblem(error)
    console.error(problem === null ? error : `\n${problem}\n`)
    process.exit(1)
  }
}
