/**
 * `npm run kills`: kills Chromium in the middle of a storm of actions, on the production build that is there, and looks at
 * what it left behind (tests/storm/kills.ts).
 *
 *    npm run kills -- --kills 100 --seed 7
 */
import { parseArgs } from 'node:util'
import { killBrowsers } from '../tests/storm/kills'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
})
const [kills, seed] = [Number(values.kills), Number(values.seed)]
if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
  console.error('Write: npm run kills -- [--kills 10] [--seed 1]')
  process.exit(2)
}
const report = await killBrowsers(kills, seed)
const { acknowledged, unheard, lost, twice } = report
console.log(
  `${report.kills} kills, ${acknowledged} actions acknowledged, ${unheard} more done before anybody heard of it`,
)
console.log(`lost: ${lost.length}, twice: ${twice.length}`)
for (const title of [...lost, ...twice]) console.log(`  ${title}`)
// A storm in which nothing was acknowledged proves nothing.
process.exitCode = lost.length + twice.length > 0 || acknowledged === 0 ? 1 : 0
