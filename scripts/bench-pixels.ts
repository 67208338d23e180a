/**
 * `npm run bench:pixels`: from a press of one person to the pixels of another one (docs/PERFORMANCE.md). In Chromium, on the
 * production build that is there.
 *
 *    npm run bench:pixels -- --changes 30
 */
import { parseArgs } from 'node:util'
import { measurePixels } from '../tests/storm/pixels'

const { values } = parseArgs({ options: { changes: { type: 'string', default: '30' } } })
const changes = Number(values.changes)
if (!Number.isInteger(changes) || changes < 1) {
  console.error('Write: npm run bench:pixels -- [--changes 30]')
  process.exit(2)
}
for (const line of await measurePixels(changes)) console.log(line)
