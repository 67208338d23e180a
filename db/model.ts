/**
 * What the engine is told about this application: its captured tables, who holds which audience, who may write what.
 * You probably do not need to edit this: a table exported from `./schema` is captured.
 */
import { is } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import type { SyncModel } from '@/lib/sync/model'
import { grants } from './audiences'
import { functions, policies } from './policies'
import * as schema from './schema'

const tables = Object.values(schema)
  .filter((exported) => is(exported, PgTable))
  .map((table) => getTableConfig(table).name)
  .sort()

export const model: SyncModel = { tables, grants, policies, functions }
