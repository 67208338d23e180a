import { DeviceFailure } from './client'
import { inputText } from './input'

/** An action, and the id of this execution of it. */
export interface Asked {
  readonly name: string
  readonly input: unknown
  readonly actionId: string
}

/**
 * Runs an action id once at a time: a request that comes again while the first one runs waits for its answer (FM-28).
 * What was done before is known to the database; this is about what is being done.
 */
export function createOnce() {
  const runningById = new Map<string, Asked & { readonly run: Promise<unknown> }>()
  return async (asked: Asked, work: () => Promise<unknown>): Promise<unknown> => {
    const { actionId } = asked
    const first = runningById.get(actionId)
    if (first) {
      if (textOf(first) === textOf(asked)) return first.run
      throw new DeviceFailure('error', `"${asked.name}" was not run: its id belongs to another action.`)
    }
    const run = work().finally(() => runningById.delete(actionId))
    runningById.set(actionId, { ...asked, run })
    return run
  }
}

const textOf = ({ name, input }: Asked) => `${name} ${inputText(name, input)}`
