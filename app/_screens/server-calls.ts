'use client'
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import type { AppRouter } from '@/server/root'

/** The few questions only the server can answer. Everything else is read from, and done on, this device. */
const server = createTRPCClient<AppRouter>({ links: [httpLink({ url: '/api/trpc', methodOverride: 'POST' })] })

export type Lookup =
  | { readonly kind: 'found'; readonly id: string; readonly name: string }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'too-many' }

/** Who has an account with this address. */
export async function lookUpPerson(email: string): Promise<Lookup> {
  try {
    const person = await server.people.lookup.query({ email })
    return person === null ? { kind: 'nobody' } : { kind: 'found', id: person.id, name: person.name }
  } catch (error) {
    const code = error instanceof TRPCClientError ? (error.data as { code?: string } | null)?.code : undefined
    if (code === 'UNAUTHORIZED') return { kind: 'signed-out' }
    if (code === 'TOO_MANY_REQUESTS') return { kind: 'too-many' }
    return { kind: 'unreachable' }
  }
}
