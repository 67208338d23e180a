/** What was shipped, as the repository remembers it, against the code that is here (DEP-1). */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { changedSince, type Fingerprints } from '../lib/sync/core/deploy'
import { fingerprintsOf } from './action-code'
import { root } from './steps'

const path = join(root, 'fingerprints.json')

export interface ShippedReport {
  /** Here for the first time. */
  readonly added: readonly string[]
  /** Older versions of actions that have a newer one now: their records run its code. */
  readonly raised: readonly string[]
  /** Changed or gone, and nobody said so. */
  readonly changed: readonly string[]
}

export function readShipped(): Fingerprints {
  return JSON.parse(readFileSync(path, 'utf8')) as Fingerprints
}

export function writeShipped(fingerprints: Fingerprints): void {
  writeFileSync(path, `${JSON.stringify(fingerprints, null, 2)}\n`)
}

/** Loaded late: reading all actions takes a moment, and most commands only compare. */
export async function currentFingerprints(): Promise<Fingerprints> {
  const [exported, { model }] = await Promise.all([import('../lib/actions'), import('../db/model')])
  const { grants, policies, functions } = model
  return fingerprintsOf({ entry: 'lib/actions/index.ts', exports: exported, model: { grants, policies, functions } })
}

export function compareShipped(shipped: Fingerprints, current: Fingerprints): ShippedReport {
  const versionsOf = (prints: Fingerprints, name: string) =>
    Object.keys(prints).flatMap((key) => (nameOf(key) === name ? [Number(key.split('@')[1])] : []))
  const isRaised = (key: string) => {
    const name = nameOf(key)
    return key in current && Math.max(...versionsOf(current, name)) > Math.max(...versionsOf(shipped, name))
  }
  const changed = changedSince(shipped, current)
  return {
    added: Object.keys(current).filter((key) => !(key in shipped)),
    raised: changed.filter(isRaised),
    changed: changed.filter((key) => !isRaised(key)),
  }
}

const nameOf = (key: string) => key.split('@')[0] ?? key

/** For whoever changed it. */
export function advice(changed: readonly string[]): string {
  return [
    'Shipped code is another code now:',
    ...changed.map((key) => `  ${key}`),
    'Devices that are offline still send it, and the server replays what it accepted of it. Either give it a new version',
    'with an upcaster (docs/WRITING-ACTIONS.md), or say that history may be sealed when this is deployed:',
    '  npm run fingerprints -- --seal-is-fine',
  ].join('\n')
}
