'use client'
import { useCallback } from 'react'
import { ActionRejected, DeviceFailure } from '@/lib/sync/react'
import { useAnnounce } from '../_components/announcer'
import { reasonWords } from '../_components/reason-words'
import { useToast } from '../_components/toast'

export type RunResult<Value> = { readonly kind: 'done'; readonly value: Value } | { readonly kind: 'not-done' }

/** Runs an action and tells the person when it was not done. `say` is read aloud when it was. */
export type Run = <Value>(
  call: () => Promise<Value>,
  say?: string | ((value: Value) => string),
) => Promise<RunResult<Value>>

/**
 * How screens do things: `const result = await run(() => claim({ … }), 'It is yours now')`. A rule that says no here
 * becomes a message with the rule's words; nothing was recorded then. What the server makes of it comes to the inbox.
 */
export function useRun(): Run {
  const toast = useToast()
  const announce = useAnnounce()
  return useCallback<Run>(
    async (call, say) => {
      try {
        const value = await call()
        if (say !== undefined) announce(typeof say === 'function' ? say(value) : say)
        return { kind: 'done', value }
      } catch (error) {
        toast({ title: 'That was not done', description: failureSentence(error), tone: 'bad' })
        return { kind: 'not-done' }
      }
    },
    [toast, announce],
  )
}

/** Why it was not done, for a person. What nobody expected goes on as an error: it is a bug, and must be seen. */
export function failureSentence(error: unknown): string {
  if (error instanceof ActionRejected) return sentence(reasonWords(error.reason, error.details, Date.now()))
  if (!(error instanceof DeviceFailure)) throw error
  // SQLSTATE 42501: a policy of the database said no.
  if (error.sqlState === '42501') return sentence(reasonWords('not-allowed', null, Date.now()))
  switch (error.code) {
    case 'invalid-input':
      return 'Something in it is too long or not filled in.'
    case 'storage':
      return error.message
    case 'unavailable':
      return 'The database of this device is not open yet. Try again in a moment.'
    case 'timeout':
      return 'The database of this device did not answer in time. Try again.'
    default:
      return error.message
  }
}

function sentence(words: string): string {
  return `${words.charAt(0).toLocaleUpperCase()}${words.slice(1)}.`
}
