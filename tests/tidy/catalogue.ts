/**
 * The catalogues of failures (FM) and of counter-examples (CX) and the tests that provoke them belong together: what
 * exists is cited by a test, what waits for a later part says for which, and a cited id is in the catalogue. Which is
 * which stands as a table in docs/TESTING.md, made anew by `npm run docs:catalogue`.
 *
 *    | FM-04 | The server committed and its answer was lost. … | S, P |                |    in docs/FAILURES.md
 *    | CX-15 | A crash between performing and marking. …       | ACT-6 | side effects  |    in docs/COUNTER-EXAMPLES.md
 *    it('[FM-04] a push whose answer is lost …')                                            in a test
 *    cites: ['CX-12']                                                                       in a planted bug
 */
import { type Finding, isCode, isTest, lineAt, type Source, walk } from './source'
import { testTitles } from './test-titles'

export const testingPath = 'docs/TESTING.md'
const marks = { begin: '<!-- catalogue: npm run docs:catalogue -->', end: '<!-- end of catalogue -->' }
const anId = /\b(?:FM|CX)-\d+[a-z]?\b/g
/** Planted bugs of the simulation name what they stand for: a campaign that catches one provokes it. */
const plantedBugs = /^tests\/sim\/mutants\//

interface Catalogue {
  readonly path: string
  readonly title: string
  readonly prefix: string
  /** What the third column holds. */
  readonly third: RegExp
  readonly columns: string
}

const catalogues: readonly Catalogue[] = [
  {
    path: 'docs/FAILURES.md',
    title: 'Failures of everyday life',
    prefix: 'FM',
    third: /^[SQPBHL](, [SQPBHL])*$/,
    columns: '| id | what goes wrong, and what must happen | tiers | waits for |',
  },
  {
    path: 'docs/COUNTER-EXAMPLES.md',
    title: 'Counter-examples',
    prefix: 'CX',
    third: /^[A-Z]{2,5}-\d+(, [A-Z]{2,5}-\d+)*$/,
    columns: '| id | what happened | prevented by | waits for |',
  },
]

interface Item {
  readonly id: string
  readonly path: string
  readonly line: number
  /** The later part it waits for; empty when it exists. */
  readonly waitsFor: string
}

interface Citation {
  readonly id: string
  readonly path: string
  readonly line: number
}

export function checkCatalogue(sources: readonly Source[]): Finding[] {
  const read = catalogues.map((catalogue) => readItems(sources, catalogue))
  const items = new Map(read.flatMap((each) => each.items).map((item) => [item.id, item]))
  const citations = sources.flatMap(citationsOf)
  const findings = [
    ...read.flatMap((each) => each.findings),
    ...checkItems([...items.values()], citations),
    ...citations
      .filter(({ id }) => !items.has(id))
      .map(({ id, path, line }) => ({
        path,
        line,
        message: `${id} is in no catalogue. Correct the id, or add a line.`,
      })),
  ]
  const isStale = withCatalogue(sources) !== (textOf(sources, testingPath) ?? '')
  const message = 'The table of failures and counter-examples is not what the tests say. Run: npm run docs:catalogue'
  return isStale ? [...findings, { path: testingPath, line: 1, message }] : findings
}

/** The text of docs/TESTING.md with the table as it must be. */
export function withCatalogue(sources: readonly Source[]): string {
  const text = textOf(sources, testingPath) ?? ''
  const [begin, end] = [text.indexOf(marks.begin), text.indexOf(marks.end)]
  if (begin < 0 || end < begin) return `${text}\n${marks.begin}\n${marks.end}\n`
  const table = tableOf(sources)
  return `${text.slice(0, begin)}${marks.begin}\n\n${table}\n\n${text.slice(end)}`
}

function tableOf(sources: readonly Source[]): string {
  const citations = sources.flatMap(citationsOf)
  const filesOf = (id: string) =>
    [...new Set(citations.filter((citation) => citation.id === id).map(({ path }) => `\`${path}\``))].sort()
  const waiting = new Map<string, string[]>()
  const parts = catalogues.map((catalogue) => {
    const { items } = readItems(sources, catalogue)
    for (const { id, waitsFor } of items) {
      if (waitsFor !== '') waiting.set(waitsFor, [...(waiting.get(waitsFor) ?? []), id])
    }
    const rows = items
      .filter(({ waitsFor }) => waitsFor === '')
      .map(({ id }) => `| ${id} | ${filesOf(id).join(', ')} |`)
    return [`**${catalogue.title}** (\`${catalogue.path}\`)\n`, '| id | provoked in |', '|---|---|', ...rows].join('\n')
  })
  const later = [...waiting].map(([part, ids]) => `| ${part} | ${ids.join(', ')} |`).sort()
  return [...parts, ['**Waiting for a later part**\n', '| part | ids |', '|---|---|', ...later].join('\n')].join('\n\n')
}

function readItems(sources: readonly Source[], catalogue: Catalogue): { items: Item[]; findings: Finding[] } {
  const { path, prefix, third, columns } = catalogue
  const text = textOf(sources, path)
  if (text === null) return { items: [], findings: [{ path, line: 1, message: 'Missing: the catalogue lives here.' }] }
  const items: Item[] = []
  const findings: Finding[] = []
  for (const [index, row] of text.split('\n').entries()) {
    if (!row.startsWith(`| ${prefix}-`)) continue
    const line = index + 1
    const cells = row.split('|').map((cell) => cell.trim())
    const [, id = '', what = '', how = '', waitsFor = ''] = cells
    if (cells.length !== 6 || !/^[A-Z]{2}-\d+[a-z]?$/.test(id) || what === '' || !third.test(how)) {
      findings.push({ path, line, message: `Write a line as "${columns}".` })
    } else if (items.some((item) => item.id === id)) {
      findings.push({ path, line, message: `${id} is there twice. Take a new number.` })
    } else items.push({ id, path, line, waitsFor })
  }
  return { items, findings }
}

function checkItems(items: readonly Item[], citations: readonly Citation[]): Finding[] {
  return items.flatMap(({ id, path, line, waitsFor }) => {
    const [citation] = citations.filter((each) => each.id === id)
    if (waitsFor === '' && !citation) {
      const message = `${id} exists, but no test provokes it. Write a test named '[${id}] …', or say which part it waits for.`
      return [{ path, line, message }]
    }
    if (waitsFor === '' || !citation) return []
    const message = `${id} waits for "${waitsFor}", but ${citation.path} provokes it. Empty the last column.`
    return [{ path, line, message }]
  })
}

function citationsOf(source: Source): Citation[] {
  if (!isCode(source) || !isTest(source) || source.path.startsWith('tests/tidy/')) return []
  const inTitles = testTitles(source).flatMap(({ path, line, titles }) => {
    const ids = titles.flatMap((title) => title.match(anId) ?? [])
    return ids.map((id) => ({ id, path, line }))
  })
  return plantedBugs.test(source.path) ? [...inTitles, ...citationsOfPlantedBug(source)] : inTitles
}

/** Every text that is an id and nothing else. */
function citationsOfPlantedBug(source: Source): Citation[] {
  const found: Citation[] = []
  walk(source, (node) => {
    if (node.type !== 'Literal' || typeof node.value !== 'string') return
    const [id] = node.value.match(anId) ?? []
    if (id === node.value) found.push({ id, path: source.path, line: lineAt(source, node.start) })
  })
  return found
}

function textOf(sources: readonly Source[], path: string): string | null {
  return sources.find((source) => source.path === path)?.text ?? null
}
