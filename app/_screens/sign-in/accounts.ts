'use client'
import { createAuthClient } from 'better-auth/client'

/** The auth library's own client: it knows its routes. Who is signed in is asked through `useSessionUser` only. */
const client = createAuthClient()

export interface Credentials {
  readonly email: string
  readonly password: string
}

/** Null when it worked, otherwise a sentence for the person. */
export async function signIn(credentials: Credentials): Promise<string | null> {
  return problemOf(() => client.signIn.email({ ...credentials }))
}

export async function signUp(account: Credentials & { readonly name: string }): Promise<string | null> {
  return problemOf(() => client.signUp.email({ ...account }))
}

interface Answer {
  readonly error: {
    readonly code?: string | undefined
    readonly message?: string | undefined
    readonly status: number
  } | null
}

async function problemOf(ask: () => Promise<Answer>): Promise<string | null> {
  try {
    const { error } = await ask()
    return error === null ? null : sentenceOf(error)
  } catch {
    return unreachable
  }
}

const unreachable = 'The server cannot be reached. Signing in needs a network; everything after it does not.'

function sentenceOf(error: NonNullable<Answer['error']>): string {
  if (error.code === 'INVALID_EMAIL_OR_PASSWORD') return 'E-mail and password do not belong together.'
  if (error.code?.startsWith('USER_ALREADY_EXISTS'))
    return 'There is an account with this e-mail already. Sign in instead.'
  if (error.code === 'PASSWORD_TOO_SHORT') return 'The password needs at least 8 characters.'
  if (error.code === 'INVALID_EMAIL') return 'This is not an e-mail address.'
  if (error.status === 429) return 'Too many attempts. Wait a little and try again.'
  if (error.status >= 500) return 'The server has a problem at the moment. Try again soon.'
  if (error.status === 0) return unreachable
  return error.message ?? 'That did not work. Try again.'
}
