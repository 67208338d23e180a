/** What the database remembers of deploys, and sealing for them (DEP-1, DEP-2). */
import type { DeployState, Fingerprints } from '../../core/deploy'
import type { Sql } from '../driver'

const keys = {
  build: 'build',
  withdrawnUntil: 'withdrawn_until',
  shipped: 'shipped',
  schema: 'schema',
} as const

export async function readDeploy(sql: Sql): Promise<DeployState> {
  const rows = await sql.query<{ key: string; value: string }>(
    'select key, value from sync.meta where key in (select jsonb_array_elements_text($1::jsonb))',
    [JSON.stringify(Object.values(keys))],
  )
  const text = new Map(rows.map(({ key, value }) => [key, value]))
  return deployOf((name) => text.get(keys[name]) ?? null)
}

/** From the texts that are stored. */
export function deployOf(textOf: (name: keyof DeployState) => string | null): DeployState {
  const shipped = textOf('shipped')
  return {
    build: textOf('build'),
    withdrawnUntil: textOf('withdrawnUntil'),
    shipped: shipped === null ? null : (JSON.parse(shipped) as Fingerprints),
    schema: textOf('schema'),
  }
}

/** What is not named stays; null takes it away. */
export async function writeDeploy(sql: Sql, change: Partial<DeployState>): Promise<void> {
  for (const [name, value] of Object.entries(change)) {
    const key = keys[name as keyof DeployState]
    if (value === null) await sql.rows('delete from sync.meta where key = $1', [key])
    else {
      await sql.rows(
        'insert into sync.meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value',
        [key, typeof value === 'string' ? value : JSON.stringify(value)],
      )
    }
  }
}

/**
 * Seals each audience at the greatest clock it holds: nothing accepted so far is ever replayed. Needs the global key
 * exclusively. Touches audiences in which something happened since they were sealed. Answers how many.
 */
export async function sealEverything(sql: Sql): Promise<number> {
  const sealed = await sql.rows(
    'update sync.audiences set sealed_until = max_clock where max_clock > sealed_until returning 1',
  )
  return sealed.length
}
