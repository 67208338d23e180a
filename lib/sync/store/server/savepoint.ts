import type { Sql } from '../driver'

/** Takes back what `work` did when it throws, and throws that on. */
export async function inSavepoint<Result>(sql: Sql, work: () => Promise<Result>): Promise<Result> {
  await sql.exec('savepoint late')
  try {
    const result = await work()
    await sql.exec('release savepoint late')
    return result
  } catch (error) {
    await sql.exec('rollback to savepoint late; release savepoint late')
    throw error
  }
}
