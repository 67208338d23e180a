/**
 * Sizes: a file is read in one sitting, a function on one screen. The limits are hard; the aims are about half of them.
 */
import type { Node } from 'oxc-parser'
import { type Finding, isCode, isTest, lineAt, type Source, walk } from './source'

export const limits = {
  engineFileLines: 400,
  appFileLines: 250,
  testFileLines: 600,
  functionLines: 70,
  positionalParameters: 3,
  nesting: 4,
} as const

export function checkSizes(sources: readonly Source[]): Finding[] {
  return sources.filter(isCode).flatMap((source) => [...checkFile(source), ...checkFunctions(source)])
}

function checkFile(source: Source): Finding[] {
  const lines = source.text.replace(/\n$/, '').split('\n').length
  const limit = fileLimit(source)
  if (lines <= limit) return []
  const message = `${lines} lines, at most ${limit}. Split it by decision, not by size: what has a name of its own becomes a file.`
  return [{ path: source.path, line: limit + 1, message }]
}

function fileLimit(source: Source): number {
  if (isTest(source)) return limits.testFileLines
  return /^(app|lib\/actions|server)\//.test(source.path) ? limits.appFileLines : limits.engineFileLines
}

function checkFunctions(source: Source): Finding[] {
  const findings: Finding[] = []
  const report = (node: Node, message: string) =>
    findings.push({ path: source.path, line: lineAt(source, node.start), message })
  walk(source, (node, ancestors) => {
    if (isNestingTooDeep(node, ancestors)) {
      report(node, `Nested deeper than ${limits.nesting}. Return early, or give the inner part a name.`)
    }
    if (!isFunction(node)) return
    const lines = lineAt(source, node.end) - lineAt(source, node.start) + 1
    if (lines > limits.functionLines && !isSuite(source, node)) {
      report(
        node,
        `A function of ${lines} lines, at most ${limits.functionLines}. Name its steps, or plan first and act after.`,
      )
    }
    if (node.params.length > limits.positionalParameters) {
      report(
        node,
        `${node.params.length} positional parameters, at most ${limits.positionalParameters}. Take one options object.`,
      )
    }
  })
  return findings
}

type FunctionNode = Extract<
  Node,
  { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' | 'TSDeclareFunction' }
>

function isFunction(node: Node): node is FunctionNode {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)
}

const nestingTypes = /^(If|For|ForIn|ForOf|While|DoWhile|Switch|Try)Statement$/

/** Reports only the node that goes one too deep, counted inside its own function; `else if` is not deeper than `if`. */
function isNestingTooDeep(node: Node, ancestors: readonly Node[]): boolean {
  if (!nestingTypes.test(node.type)) return false
  const since = ancestors.findLastIndex(isFunction) + 1
  const chain = [...ancestors.slice(since), node]
  const depth = chain.filter((each, index) => nestingTypes.test(each.type) && !isElseIf(each, chain[index - 1])).length
  return depth === limits.nesting + 1 && !isElseIf(node, ancestors.at(-1))
}

function isElseIf(node: Node, parent: Node | undefined): boolean {
  return node.type === 'IfStatement' && parent?.type === 'IfStatement' && parent.alternate === node
}

/** A function of a test file that holds tests is a chapter, not something to be read at once. */
function isSuite(source: Source, node: Node): boolean {
  return isTest(source) && /\b(?:it|test|describe)(?:\.each)?\(/.test(source.text.slice(node.start, node.end))
}
