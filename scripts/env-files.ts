/** Reads `.env` files for commands, in the order and with the precedence Next uses, so that both see the same settings. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { root } from './steps'

/** What is set already wins, then the more particular file. */
export function loadEnvFiles(mode: 'development' | 'production'): void {
  for (const name of [`.env.${mode}.local`, '.env.local', `.env.${mode}`, '.env']) {
    const path = join(root, name)
    if (!existsSync(path)) continue
    for (const [key, value] of Object.entries(parseEnv(readFileSync(path, 'utf8')))) process.env[key] ??= value
  }
}

/** Runs a command's work; what goes wrong is told in its own words, without a stack when it is meant for a person. */
export async function runCommand(work: () => Promise<number>): Promise<never> {
  try {
    process.exit(await work())
  } catch (error) {
    const isForThePerson = error instanceof Error && messagesForPeople.has(error.name)
    console.error(isForThePerson ? `\n${error.message}\n` : error)
    process.exit(1)
  }
}

/** Their messages say what to do; see `server/env.ts`, `server/data-directory.ts` and `server/database.ts`. */
const messagesForPeople = new Set(['EnvironmentError', 'DataDirectoryLocked', 'DatabaseNotReady', 'InstallRefused'])
