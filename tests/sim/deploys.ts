/**
 * Servers of one world that run different code: somebody deploys, and takes it back. Builds of other worlds have names,
 * and nothing is compared there; here they are numbers, as times are.
 */
import type { AnyAction } from '@/lib/sync/action'
import { acceptBuild } from '@/lib/sync/server/serving'
import type { ServerStore } from '@/lib/sync/store/server/transaction'
import { actionsOfBuild, type Build, everyAction } from './app/actions'

export type ServerBuild = Build | 'build-last' | `${number}`

/** What every second build does otherwise, under the same name and version: as if its input were another one. */
const otherwise: Readonly<Record<string, (input: Record<string, unknown>) => object>> = {
  'counter.add': ({ by }) => ({ by: Number(by) + 1_000 }),
  'counter.multiply': ({ by }) => ({ by: Number(by) + 1 }),
  'note.write': ({ body }) => ({ body: `${body} again` }),
}

function variantOf(build: string): number {
  return /^\d+$/.test(build) ? Number(build) % 2 : 0
}

const everyOtherAction: readonly AnyAction[] = everyAction.map((action) => {
  const other = otherwise[action.name]
  if (other === undefined) return action
  return {
    ...action,
    run: (context) => action.run({ ...context, input: { ...context.input, ...other(context.input) } }),
  }
})

/** What a build runs; also what it ran when it accepted a record, for the oracle (ORA-1). */
export function codeOf(build: string): readonly AnyAction[] {
  if (build === 'build-1' || build === 'build-2') return actionsOfBuild[build]
  return variantOf(build) === 1 ? everyOtherAction : everyAction
}

export function shippedBy(build: string): Record<string, string> {
  if (!/^\d+$/.test(build)) return {}
  return Object.fromEntries(Object.keys(otherwise).map((name) => [`action ${name}@1`, `variant ${variantOf(build)}`]))
}

/** The releases of one world. */
export class Releases {
  /** The newest build there is; null where nobody deploys. */
  newest: number | null = null
  /** Tables of all that starts from now on, servers and devices. */
  schema = 'tables 1'
  private schemas = 1

  begin(): ServerBuild {
    this.newest = 1_000
    return '1000'
  }

  next(steps: number): ServerBuild {
    this.newest = (this.newest ?? 1_000) + steps
    return `${this.newest}`
  }

  /** Null when there is nothing before it. */
  former(steps: number): ServerBuild | null {
    const build = (this.newest ?? 0) - steps
    return build >= 1_000 ? `${build}` : null
  }

  /** A migration that adds something: nothing is sealed for it. */
  async migrate(store: ServerStore): Promise<void> {
    this.schemas += 1
    const schema = `tables ${this.schemas}`
    await store.transaction((tx) => tx.deploys.writeDeploy({ schema }))
    this.schema = schema
  }

  /** After a restore somebody migrates again. */
  async migrateAgain(store: ServerStore): Promise<void> {
    const { schema } = this
    if (this.newest !== null) await store.transaction((tx) => tx.deploys.writeDeploy({ schema }))
  }

  async rollBack(store: ServerStore, build: ServerBuild): Promise<void> {
    await acceptBuild(store, build)
  }
}
