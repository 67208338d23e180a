/**
 * `npm run db:generate`: writes the migration that leads from the last one to `db/schema.ts` (and to
 * `db/auth-schema.ts`), and bundles the captured ones as a module, because a browser cannot read files (MIG-1).
 * Options are drizzle-kit's: `npm run db:generate -- --name add_milestones`.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const migrationsDirectory = join(root, 'db', 'migrations')

interface Migration {
  readonly tag: string
  readonly statements: readonly string[]
}

function generate(config: string): void {
  const kit = join(dirname(createRequire(import.meta.url).resolve('drizzle-kit')), 'bin.cjs')
  const options = process.argv.slice(2)
  const run = spawnSync(process.execPath, [kit, 'generate', '--config', config, ...options], {
    cwd: root,
    stdio: 'inherit',
  })
  if (run.status !== 0) {
    console.error(`drizzle-kit could not read the schema of ${config}. Correct what it names above and run this again.`)
    process.exit(1)
  }
}

function readMigrations(): Migration[] {
  const journal: { entries: { tag: string }[] } = JSON.parse(
    readFileSync(join(migrationsDirectory, 'meta', '_journal.json'), 'utf8'),
  )
  return journal.entries.map(({ tag }) => ({
    tag,
    statements: readFileSync(join(migrationsDirectory, `${tag}.sql`), 'utf8')
      .replaceAll('\r\n', '\n')
      .split('--> statement-breakpoint')
      .map((statement) => statement.trim())
      .filter((statement) => statement !== ''),
  }))
}

/** Data changes are actions: a migration that ran them would run them on devices that hold half of the rows (MIG-1). */
function refuseDataChanges(migrations: readonly Migration[]): void {
  for (const { tag, statements } of migrations) {
    const change = statements.find((statement) =>
      /^\s*(insert|update|delete|truncate|copy|with|select|do)\b/i.test(statement),
    )
    if (change === undefined) continue
    console.error(`Migration ${tag} changes data: ${change.slice(0, 80)}`)
    console.error('Migrations of captured tables are DDL only. Remove it and change the rows with an action.')
    process.exit(1)
  }
}

const quote = (text: string) => `\`${text.replace(/[\\`]|\$\{/g, (found) => `\\${found}`)}\``

function bundle(migrations: readonly Migration[]): string {
  const fingerprint = createHash('sha256')
    .update(JSON.stringify(migrations.map((m) => m.statements)))
    .digest('hex')
  const list = migrations.map(({ tag, statements }) =>
    [
      '  {',
      `    tag: '${tag}',`,
      '    statements: [',
      ...statements.map((s) => `      ${quote(s)},`),
      '    ],',
      '  },',
    ].join('\n'),
  )
  return `/**
 * Written by \`npm run db:generate\` from the files beside it: do not edit. The same statements make the tables on the
 * server and on every device (MIG-1).
 */
export interface Migration {
  readonly tag: string
  readonly statements: readonly string[]
}

/** Hash of all statements: a device and a server with different ones exchange no rows (DEP-2). */
export const schemaFingerprint = '${fingerprint.slice(0, 32)}'

export const migrations: readonly Migration[] = [
${list.join('\n')}
]
`
}

generate('drizzle.config.ts')
if (existsSync(join(root, 'db', 'auth-schema.ts'))) generate('drizzle.auth.config.ts')
const migrations = readMigrations()
refuseDataChanges(migrations)
writeFileSync(join(migrationsDirectory, 'index.ts'), bundle(migrations))
console.log(`db/migrations/index.ts holds ${migrations.length} migration(s).`)
