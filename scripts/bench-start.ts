/**
 * `npm run bench:start`: what somebody waits for at the start (docs/PERFORMANCE.md). In Chromium, on the production build that is
 * there: a first visit in a fresh profile, reloads, second tabs, long tasks, and bytes over the wire.
 *
 *    npm run bench:start -- --visits 3
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { measureStart } from '../tests/storm/start'

const { values } = parseArgs({ options: { visits: { type: 'string', default: '3' } } })
const visits = Number(values.visits)
if (!Number.isInteger(visits) || visits < 1) {
  console.error('Write: npm run bench:start -- [--visits 3]')
  process.exit(2)
}
const load = () => loadavg()[0]?.toFixed(1)
const before = load()
for (const line of await measureStart(visits)) console.log(line)
console.log(`load of the machine: ${before} before, ${load()} after`)
