/**
 * The simulation as one file, for worker threads: they start in a moment, and a planted bug is a change of one line on the
 * way, without a hook in the engine.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A line of the engine as it is and as a mistake would have it. */
export interface Change {
  /** From the root of the project. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Answers where the bundle is. Throws when the text to be changed does not stand exactly once where it should. */
export async function bundleWorker(name: string, changes: readonly Change[] = []): Promise<string> {
  const outfile = join(root, '.cache', 'sim', `${name}.mjs`)
  await build({
    entryPoints: [join(root, 'tests/sim/worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    alias: { '@': root.replace(/\/$/, '') },
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: [planting(changes)],
  })
  return outfile
}

/** Throws when a text to be changed does not stand exactly once in its file: then the engine has changed under the bug. */
export function planting(changes: readonly Change[]): Plugin {
  const changed = new Map<string, string>()
  for (const { file, find, replace } of changes) {
    const text = changed.get(file) ?? readFileSync(join(root, file), 'utf8')
    const places = text.split(find).length - 1
    if (places !== 1) throw new Error(`${file} has this ${places} times, not once: ${find}\nUpdate the planted bug.`)
    changed.set(
      file,
      text.replace(find, () => replace),
    )
  }
  return {
    name: 'planted bugs',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = changed.get(path.slice(root.length).replaceAll('\\', '/'))
        return contents === undefined ? undefined : { contents, loader: 'ts' }
      })
    },
  }
}
