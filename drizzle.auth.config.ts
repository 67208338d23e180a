/**
 * Where drizzle-kit finds the tables of accounts and sessions and keeps their migrations. You probably do not need to
 * edit this: run `npm run db:generate` after a change of `db/auth-schema.ts`.
 */
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './db/auth-schema.ts',
  schemaFilter: ['auth'],
  out: './db/auth-migrations',
})
