'use client'
import { useCallback } from 'react'
import type { z } from 'zod'
import type { ActionDefinition } from '../action'
import { type DeviceClient, DeviceFailure, type ExecuteOptions } from '../device/client'
import type { FirstRows } from '../device/first-rows'
import type { ActionCall, SettledReceipt } from '../device/views'
import { useDeviceClient, useFirstRows } from './provider'

/**
 * A function that runs the action on this device, typed by its input and its return value. It stays the same function
 * as long as the device does, so it can stand in dependency lists and props of memoised components. `{ gesture }` names what
 * the person did: a form that makes one when it opens can be sent twice and is done once (FM-28).
 */
export function useAction<Schema extends z.ZodType, Value>(
  action: ActionDefinition<Schema, Value>,
): (input: z.input<Schema>, options?: ExecuteOptions) => ActionCall<Value> {
  const client = useDeviceClient()
  const first = useFirstRows()
  const { name } = action
  // The value is what the action's own `run` returned; the worker boundary erases its type, so it is put back here.
  return useCallback(
    (input, options) => {
      const call = callOn(client, name, { input, options }) as ActionCall<Value>
      noteActing(first, call)
      return call
    },
    [client, first, name],
  )
}

/** What is shown first the next time must not be of a state before this action. */
export function noteActing(first: FirstRows | null, call: Promise<unknown>): void {
  if (first === null) return
  const ended = first.acting()
  call.then(ended, ended)
}

function callOn(
  client: DeviceClient | null,
  name: string,
  { input, options }: { readonly input: unknown; readonly options: ExecuteOptions | undefined },
): ActionCall<unknown> {
  if (client !== null) return client.execute(name, input, options)
  const failure = new DeviceFailure(
    'unavailable',
    `"${name}" was not run: the database of this device is not open yet.`,
  )
  const settled = Promise.reject<SettledReceipt>(failure)
  // Nobody has to look at `settled`: the call itself already carries the failure.
  settled.catch(() => undefined)
  return Object.assign(Promise.reject<unknown>(failure), { settled })
}
