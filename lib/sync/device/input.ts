import { readInput } from '../core/input-text'
import { DeviceFailure } from './client'

/** The input as canonical JSON. Throws a DeviceFailure that says what is wrong with it: here, not when it is sent. */
export function inputText(name: string, input: unknown): string {
  const read = readInput(input)
  if (read.kind === 'text') return read.text
  throw new DeviceFailure('invalid-input', `The input of "${name}" ${read.why}.`)
}
