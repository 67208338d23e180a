/**
 * `npm run fingerprints`: remembers the code of all actions as shipped, in `fingerprints.json`. Run it before a release
 * and commit the file; from then on changing what was shipped is said aloud (DEP-1).
 *
 *    npm run fingerprints                          what is new, and new versions
 *    npm run fingerprints -- --seal-is-fine        also changed code under its old version
 *    npm run fingerprints -- --check               writes nothing; part of `npm run check`
 */
import { runCommand } from './env-files'
import { advice, compareShipped, currentFingerprints, readShipped, writeShipped } from './shipped'

await runCommand(async () => {
  const [isCheck, isSealFine] = ['--check', '--seal-is-fine'].map((flag) => process.argv.includes(flag))
  const shipped = readShipped()
  if (isCheck && Object.keys(shipped).length === 0) {
    console.log('Nothing was shipped yet.')
    return 0
  }
  const current = await currentFingerprints()
  const { added, raised, changed } = compareShipped(shipped, current)
  if (changed.length > 0 && !isSealFine) {
    console.error(advice(changed))
    return 1
  }
  if (isCheck) {
    if (raised.length > 0) console.error(`Run npm run fingerprints: new versions stand beside ${raised.join(', ')}.`)
    return raised.length > 0 ? 1 : 0
  }
  writeShipped(current)
  const sealing = [...raised, ...changed]
  console.log(`fingerprints.json has ${Object.keys(current).length} fingerprints, ${added.length} of them new.`)
  if (sealing.length > 0) console.log(`Deploying this seals history, because of ${sealing.join(', ')}.`)
  return 0
})
