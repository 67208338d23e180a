/**
 * Fills an empty database with the demonstration of `db/demo.ts`: accounts through the auth library, everything else
 * through actions. You probably do not need to edit this.
 */
import { sql } from 'drizzle-orm'
import { user } from '@/db/auth-schema'
import { type Person, people, seed } from '@/db/seed'
import { createOrFindAccount } from './accounts'
import { readyDatabase } from './database'
import { syncServer } from './sync'

/** An account that is there now; `password` is null when it was there before, or has none. */
export interface SeededAccount extends Person {
  readonly password: string | null
}

/**
 * Nothing but, at most, accounts of seeded people: so a seed that broke off halfway through the accounts goes on, and
 * work of anybody is left alone.
 */
export async function isDatabaseEmpty(): Promise<boolean> {
  const { store, auth } = await readyDatabase()
  const emails = people.map((person) => person.email)
  const [others] = await auth
    .select({ count: sql<number>`count(*)::int` })
    .from(user)
    .where(sql`${user.email} <> all (${sql.param(emails)}::text[])`)
  const [projects] = await store.transaction((query) => query.rows('select exists (select from public.projects)'))
  return others?.count === 0 && projects?.[0] === false
}

/** Makes the accounts, with the passwords given, and the demonstration. About 120 actions, a few seconds. */
export async function seedDatabase(passwordFor: (person: Person) => string | null): Promise<readonly SeededAccount[]> {
  const accounts: SeededAccount[] = []
  const userIds: Record<string, string> = {}
  for (const person of people) {
    const password = passwordFor(person)
    const { id, isNew } = await createOrFindAccount({ ...person, password })
    userIds[person.id] = id
    accounts.push({ ...person, id, password: isNew ? password : null })
  }
  const server = await syncServer()
  await seed(async (action, input, as) => {
    const { value, receipt } = await server.runAction(action, input, { as })
    if (receipt.status === 'applied') return value
    throw new Error(`The seed's ${action.name} was ${receipt.status}: ${receipt.reason ?? 'without a reason'}.`)
  }, userIds)
  return accounts
}
