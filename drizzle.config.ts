/**
 * Where drizzle-kit finds the captured tables and keeps their migrations. You probably do not need to edit this: run
 * `npm run db:generate` after a change of `db/schema.ts`.
 */
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './db/schema.ts',
  out: './db/migrations',
})
