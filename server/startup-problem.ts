/**
 * Turns what stops a server or a command into words for the person at the terminal. Null: nobody expected it, and a
 * developer wants to see all of it.
 */

/** Their messages say what to do already; by name, because reloads and bundles make several copies of a class. */
const written = new Set(['EnvironmentError', 'DataDirectoryLocked', 'DatabaseNotReady', 'InstallRefused'])

const insufficientPrivilege = '42501'

const sentencesByCode: Readonly<Record<string, string>> = {
  '08006': 'Check that Postgres is running and that this machine may connect to it.',
  '28000': 'Postgres does not let this user in. Check the user in DATABASE_URL and the rules of the server.',
  '28P01': 'Check the user and the password in DATABASE_URL.',
  '3D000': 'Create the database first, owned by the user of DATABASE_URL: CREATE DATABASE … OWNER …;',
  [insufficientPrivilege]: 'The user of DATABASE_URL should own the database: ALTER DATABASE … OWNER TO …;',
}

export function startupProblem(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const advice = sentencesByCode[codeOf(error)]
  if (advice !== undefined) return `The database cannot be used: ${error.message}.\n${advice}`
  // The installer wraps a missing privilege into the statements that would give it.
  return written.has(error.name) || codeOf(error.cause) === insufficientPrivilege ? error.message : null
}

/** SQLSTATE, or what Node and the driver say when there was no connection to get one from. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^(ECONN|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT|CONNECT)/.test(code) ? '08006' : code
}
