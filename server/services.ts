/** The real services behind the procedures. You probably do not need to edit this. */
import { eq } from 'drizzle-orm'
import { user } from '@/db/auth-schema'
import type { Services } from './context'
import { readyDatabase } from './database'
import { countUse } from './rate-limit'
import { getSession } from './session'
import { firstRows, shapeServer, syncServer } from './sync'

export const services: Services = {
  getSession,
  exchange: async (userId, request) => (await syncServer()).exchange(userId, request),
  async snapshot(userId, request) {
    const server = await syncServer()
    return { isShared: server.isShared, write: (sink) => server.writeSnapshot(userId, request, sink) }
  },
  shape: async (call) => (await shapeServer()).answer(call),
  firstRows,
  async findPerson(email) {
    const { auth } = await readyDatabase()
    const [person] = await auth.select({ id: user.id, name: user.name }).from(user).where(eq(user.email, email))
    return person ?? null
  },
  countUse: async (key, limit) => countUse((await readyDatabase()).auth, key, limit),
}
