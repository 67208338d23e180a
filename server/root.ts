/** All routers. Edit this file to add one. Screens import the type `AppRouter` and nothing else of the server. */
import { people } from './routers/people'
import { rows } from './routers/rows'
import { sync } from './routers/sync'
import { router } from './trpc'

export const appRouter = router({ sync, people, rows })
export type AppRouter = typeof appRouter
