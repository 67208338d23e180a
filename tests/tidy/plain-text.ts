/** What no file may contain, whatever its language: skipped tests, silenced checks, places that exist on one machine. */
import { type Finding, isCode, isTest, lineAt, type Source } from './source'

interface Ban {
  readonly pattern: RegExp
  readonly within: (source: Source) => boolean
  readonly message: string
}

const anywhere = () => true
const bans: readonly Ban[] = [
  {
    pattern:
      /\b(?:it|test|describe)\s*\.(?:skip|only|todo|skipIf|runIf|fixme|concurrent\.skip)\b|\bx(?:it|describe|test)\(/g,
    within: (source) => isCode(source) && isTest(source),
    message: 'A test that does not run proves nothing. Mend it, or write the known bug down as an expected failure.',
  },
  {
    pattern: /@ts-(?:ignore|nocheck)\b/g,
    within: isCode,
    message: 'Mend the type. Where a test must show that something does not compile, use @ts-expect-error.',
  },
  {
    pattern: /@ts-expect-error\b/g,
    within: (source) => isCode(source) && !isTest(source),
    message: 'Mend the type; @ts-expect-error is for tests that show what does not compile.',
  },
  {
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/g,
    within: isCode,
    message: 'Say which issue: TODO(#12). Without one it is never done.',
  },
  {
    pattern: /(?<![\w.:/@~-])\/(?:work|farm|root|home|Users)\/[\w.-]/g,
    within: anywhere,
    message: 'A path of one machine. Say it from the root of the repository, or take it from the environment.',
  },
  {
    pattern: /\.\.\/shared\//g,
    within: anywhere,
    message: 'The project stands alone: refer to a file inside it.',
  },
  {
    pattern: /(?<!\btest\.)\b(?:setTimeout|waitForTimeout|sleep)\(/g,
    within: (source) => /\.(?:test|spec)\.tsx?$/.test(source.path),
    message: 'A test never sleeps: inject the time, or poll for what you wait for with a deadline.',
  },
]

export function checkPlainText(sources: readonly Source[]): Finding[] {
  return sources
    .filter((source) => !source.path.startsWith('tests/tidy/'))
    .flatMap((source) =>
      bans
        .filter((ban) => ban.within(source))
        .flatMap((ban) =>
          [...source.text.matchAll(ban.pattern)].map((match) => ({
            path: source.path,
            line: lineAt(source, match.index),
            message: `"${match[0].trim()}": ${ban.message}`,
          })),
        ),
    )
}
