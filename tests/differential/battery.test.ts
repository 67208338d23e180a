import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pgliteDriver, postgresDriver } from '../contracts/stores'
import { asStatement, chapters } from './battery'
import { differences } from './differences'
import { type Ground, openGround, type Statement } from './ground'

let pglite: Ground
let postgres: Ground
beforeAll(async () => {
  pglite = await openGround(pgliteDriver)
  postgres = await openGround(postgresDriver)
})
afterAll(async () => {
  await pglite.close()
  await postgres.close()
})

const ask = async (statement: Statement) => ({
  pglite: await pglite.ask(statement),
  postgres: await postgres.ask(statement),
})
const failed = /^(error|no error)/

describe.each(chapters)('same SQL, two engines: $name', ({ statements }) => {
  for (const statement of statements.map(asStatement)) {
    it(`[FM-62] [ACT-1] ${statement.sql}`, async () => {
      const answers = await ask(statement)
      if (statement.fails) expect(answers.postgres).toBe(['error', ...statement.fails].join(' '))
      else expect(answers.postgres).not.toMatch(failed)
      expect(answers.pglite).toBe(answers.postgres)
    })
  }
})

describe('same SQL, two answers that are known', () => {
  for (const { sql, because, answers: known } of differences) {
    it(`[FM-62] [ACT-1] ${sql}: ${because}`, async () => {
      const answers = await ask({ sql })
      expect(answers.pglite).not.toMatch(failed)
      expect(answers.postgres).not.toMatch(failed)
      expect(answers.pglite, 'The difference is gone: move it to the battery.').not.toBe(answers.postgres)
      if (known) expect([rowsOf(answers.pglite), rowsOf(answers.postgres)]).toEqual(known)
    })
  }
})

const rowsOf = (answer: string) => answer.split('\nas text\n')[0]

describe('the battery', () => {
  it('[FM-62] holds hundreds of statements, each once, and most of them read rows', async () => {
    const all = chapters.flatMap(({ statements }) => statements.map(asStatement))
    const texts = all.map(({ sql }) => sql)
    expect(texts.filter((sql, place) => texts.indexOf(sql) !== place)).toEqual([])
    expect(texts.length).toBeGreaterThan(400)
    expect(all.filter(({ fails }) => fails).length).toBeGreaterThan(100)
    expect(texts.filter((sql) => /\bfrom (items|parts|marks)\b/.test(sql)).length).toBeGreaterThan(150)
  })
})
