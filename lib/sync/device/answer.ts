/** What an action answered, kept for a caller who could not hear it: its tab changed leaders meanwhile (TAB-1). Pure. */
import type { DoneAction } from '../store/device/pending'
import { DeviceFailure } from './client'

/** More is not kept: an answer is an id or a few numbers, not a report. */
const valueCharactersMax = 16_384

/** The value as JSON text; null when it is too long, or holds what JSON would change (a Date, a bigint, undefined). */
export function valueText(value: unknown): string | null {
  if (!isPlain(value)) return null
  const text = JSON.stringify(value)
  return text.length > valueCharactersMax ? null : text
}

function isPlain(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (Array.isArray(value)) return value.every(isPlain)
  if (typeof value !== 'object') return false
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain)
}

/** The answer to a request whose id is known already. Throws a DeviceFailure when there is none to give. */
export function answerAgain(done: DoneAction, asked: { readonly name: string; readonly input: string }): unknown {
  const { name, input, value } = done
  if (name !== asked.name || (input !== null && input !== asked.input)) {
    throw new DeviceFailure('error', `"${asked.name}" was not run: its id belongs to another action.`)
  }
  if (value === null)
    throw new DeviceFailure('repeated', `"${name}" was done before, and what it answered is not kept.`)
  return JSON.parse(value) as unknown
}
