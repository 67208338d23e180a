/**
 * Rules and tests belong together: every rule that docs/SPEC.md calls *built* is cited by a test, every id that a test or
 * a comment cites exists, and a scenario or a failure says which rule it is about. (A test of plumbing may have none: a made-up citation
 * would be worse than no citation.)
 *
 *    - **ROL-1** · *built* · Rolling back is net, …       in docs/SPEC.md
 *    it('[ROL-1] rolling back a cascade restores …')      in a test
 */
import { type Finding, isCode, isTest, lineAt, type Source } from './source'
import { testTitles } from './test-titles'

const specPath = 'docs/SPEC.md'
const ruleLine = /^- \*\*([A-Z]{2,5}-\d+[a-z]?)\*\* · \*(built|later part)\*/
/** Catalogues of failures (FM), counter-examples (CX) and abuse (AB): their tests cite the number, SPEC has the rule. */
const catalogues = /^(FM|CX|AB)-\d+[a-z]?$/
const citingTests = /^tests\/(scenarios|failures)\//

export function checkRuleIds(sources: readonly Source[]): Finding[] {
  const spec = sources.find((source) => source.path === specPath)
  if (spec === undefined) return [{ path: specPath, line: 1, message: 'Missing: the rules live here.' }]
  const { rules, findings } = readRules(spec)
  const citations = sources.filter((source) => isCode(source) && isTest(source)).flatMap(citationsOf)
  const cited = new Set(citations.flatMap(({ ids }) => ids))
  for (const [id, { status, line }] of rules) {
    if (status === 'built' && !cited.has(id)) {
      const message = `${id} is called built, but no test cites it. Write a test named '[${id}] …', or call it a later part.`
      findings.push({ path: specPath, line, message })
    }
  }
  return [...findings, ...checkCitations(citations, rules), ...checkMentions(sources, rules)]
}

type Rules = ReadonlyMap<string, { readonly status: string; readonly line: number }>

function readRules(spec: Source): { rules: Rules; findings: Finding[] } {
  const rules = new Map<string, { status: string; line: number }>()
  const findings: Finding[] = []
  for (const [index, text] of spec.text.split('\n').entries()) {
    const line = index + 1
    const [, id, status] = ruleLine.exec(text) ?? []
    if (id === undefined || status === undefined) {
      const looksLikeRule = /^- \*\*[A-Z]{2,5}-\d/.test(text)
      if (looksLikeRule)
        findings.push({ path: specPath, line, message: 'Write a rule as "- **ID** · *built* · …" or "*later part*".' })
    } else if (rules.has(id)) {
      findings.push({
        path: specPath,
        line,
        message: `${id} is stated twice. An id names one rule for ever: take a new number.`,
      })
    } else {
      rules.set(id, { status, line })
    }
  }
  return { rules, findings }
}

interface Citation {
  readonly path: string
  readonly line: number
  readonly name: string
  readonly ids: readonly string[]
}

/** One per `it` or `test`, with the ids of its own name and of the suites around it. */
function citationsOf(source: Source): Citation[] {
  return testTitles(source).map(({ path, line, name, titles }) => ({ path, line, name, ids: titles.flatMap(idsIn) }))
}

function idsIn(title: string): string[] {
  const groups = [...title.matchAll(/\[([^\]]+)\]/g)].map((match) => match[1] ?? '')
  return groups.flatMap((group) => group.split(/[,\s]+/)).filter((word) => /^[A-Z]{2,5}-\d+[a-z]?$/.test(word))
}

function checkCitations(citations: readonly Citation[], rules: Rules): Finding[] {
  return citations.flatMap(({ path, line, name, ids }) => {
    const unknown = ids.filter((id) => !rules.has(id) && !catalogues.test(id))
    const found = unknown.map((id) => ({
      path,
      line,
      message: `"${name}" cites ${id}, which docs/SPEC.md does not have. Correct the id, or write the rule.`,
    }))
    if (ids.length === 0 && citingTests.test(path)) {
      found.push({
        path,
        line,
        message: `"${name}" names no rule. Begin it with the rule it proves, for example '[ROL-1] …'.`,
      })
    }
    return found
  })
}

/** Ids in comments and messages of the code: a reader who looks one up must find it. */
function checkMentions(sources: readonly Source[], rules: Rules): Finding[] {
  const prefixes = [...new Set([...rules.keys()].map((id) => id.split('-')[0]))].join('|')
  if (prefixes === '') return []
  const mention = new RegExp(`(?<![\\w-])(?:${prefixes})-\\d+(?![\\w-])`, 'g')
  return sources
    .filter((source) => isCode(source) && !source.path.startsWith('tests/tidy/'))
    .flatMap((source) =>
      [...source.text.matchAll(mention)]
        .filter((match) => !rules.has(match[0]))
        .map((match) => ({
          path: source.path,
          line: lineAt(source, match.index),
          message: `${match[0]} is not in docs/SPEC.md. Correct the id, or write the rule.`,
        })),
    )
}
