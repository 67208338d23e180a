/**
 * `npm run bench`: measures the engine against the same work without it, as ratios of one run (docs/PERFORMANCE.md).
 *
 *    npm run bench                            everything, as a table
 *    npm run bench -- --only action,rebase    some of it
 *    npm run bench -- --json                  ends with one line { "ratios": { … } }
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Bench, benches } from '../tests/bench/contests'
import type { Result } from '../tests/bench/measure'

const usage = `Write: npm run bench -- [--json] [--only ${Object.keys(benches).join(',')}]`

function readOptions(): { readonly isJson: boolean; readonly keys: readonly string[] } {
  try {
    const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, only: { type: 'string' } } })
    const keys = values.only?.split(',') ?? Object.keys(benches)
    const unknown = keys.filter((key) => !(key in benches))
    if (unknown.length > 0) throw new Error(`Nothing is measured by the name of ${unknown.join(', ')}.`)
    return { isJson: values.json, keys }
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
    process.exit(2)
  }
}

const round = (value: number, digits = 2) => value.toFixed(digits)

function print({ what, against, aim, unit = 'ms' }: Bench, { oursMs, bareMs, ratio, spread, rounds }: Result): void {
  const verdict = aim === null ? '' : ratio <= aim ? `, aim ≤ ${aim}: kept` : `, aim ≤ ${aim}: missed`
  console.log(`\n${what}\n  against ${against}`)
  console.log(
    `  ratio ${round(ratio)} (half of ${rounds} rounds between ${round(spread[0])} and ${round(spread[1])})${verdict}`,
  )
  console.log(`  ${round(oursMs, 3)} ${unit} against ${round(bareMs, 3)} ${unit}`)
}

const { isJson, keys } = readOptions()
const [processor] = cpus()
console.log(
  `npm run bench on Node ${process.version}, ${cpus().length} × ${processor?.model.trim() ?? 'unknown processor'}`,
)
const ratios: Record<string, number> = {}
for (const key of keys) {
  const bench = benches[key]
  if (!bench) continue
  const result = await bench.measure()
  print(bench, result)
  ratios[key] = Number(round(result.ratio))
}
if (isJson) console.log(JSON.stringify({ ratios }))
