/** Accounts that the server makes itself, outside of a request: those of seeded people. */
import { serverAuth } from './auth'

export interface NewAccount {
  readonly name: string
  readonly email: string
  /** Null: nobody can sign in with a password. */
  readonly password: string | null
}

/** Makes the account, or finds the one with this address and leaves it as it is. */
export async function createOrFindAccount(account: NewAccount): Promise<{ id: string; isNew: boolean }> {
  const { internalAdapter, password } = await (await serverAuth()).$context
  const email = account.email.toLowerCase()
  const found = await internalAdapter.findUserByEmail(email)
  if (found !== null) return { id: found.user.id, isNew: false }
  const { id } = await internalAdapter.createUser(
    { name: account.name, email, emailVerified: false },
    { method: 'email-password' },
  )
  if (account.password !== null) {
    const hash = await password.hash(account.password)
    await internalAdapter.linkAccount({ userId: id, providerId: 'credential', accountId: id, password: hash })
  }
  return { id, isNew: true }
}
