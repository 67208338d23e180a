/** What tests are called: their titles carry the ids of what they prove. */
import type { Node } from 'oxc-parser'
import { lineAt, type Source, walk } from './source'

export interface TestTitle {
  readonly path: string
  readonly line: number
  /** Of the test itself. */
  readonly name: string
  /** Those of the suites around it, outermost first, then its own. */
  readonly titles: readonly string[]
}

/** One per `it` or `test` of a file. */
export function testTitles(source: Source): TestTitle[] {
  const found: TestTitle[] = []
  walk(source, (node, ancestors) => {
    const name = titleOf(node, /^(it|test)$/)
    if (name === null) return
    const titles = [...ancestors.map((each) => titleOf(each, /^describe$/) ?? ''), name]
    found.push({ path: source.path, line: lineAt(source, node.start), name, titles })
  })
  return found
}

/** The title of `it('…')`, `it.each(rows)('…')` or `test('…')`; null for any other node. */
function titleOf(node: Node, names: RegExp): string | null {
  if (node.type !== 'CallExpression') return null
  let callee: Node = node.callee
  while (
    callee.type === 'CallExpression' ||
    callee.type === 'MemberExpression' ||
    callee.type === 'TaggedTemplateExpression'
  ) {
    callee =
      callee.type === 'CallExpression' ? callee.callee : callee.type === 'MemberExpression' ? callee.object : callee.tag
  }
  if (callee.type !== 'Identifier' || !names.test(callee.name)) return null
  const [title, body] = node.arguments
  if (title === undefined || body === undefined) return null
  if (title.type === 'Literal' && typeof title.value === 'string') return title.value
  if (title.type === 'TemplateLiteral') return title.quasis.map((quasi) => quasi.value.cooked ?? '').join('…')
  return null
}
