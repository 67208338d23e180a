/**
 * `npm run bench:tabs`: how long a person waits when the leading tab goes, and when a tab comes (docs/PERFORMANCE.md). In Chromium,
 * on the production build that is there.
 *
 *    npm run bench:tabs -- --changes 30
 */
import { parseArgs } from 'node:util'
import { measureTabs } from '../tests/storm/changes'

const { values } = parseArgs({ options: { changes: { type: 'string', default: '30' } } })
const changes = Number(values.changes)
if (!Number.isInteger(changes) || changes < 1) {
  console.error('Write: npm run bench:tabs -- [--changes 30]')
  process.exit(2)
}
for (const line of await measureTabs(changes)) console.log(line)
