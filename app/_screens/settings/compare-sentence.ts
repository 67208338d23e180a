import type { DigestReport } from '@/lib/sync/react'

/** What the last comparison of this device with the server found; `ago` says when it was, as in "3 minutes ago". */
export function compareSentence(report: DigestReport | null, ago: string | null): string {
  if (report === null || (report.comparedAtMs === null && report.left === 0)) {
    return 'Once a day this device checks that it holds exactly what the server has.'
  }
  const { left, audiences, mismatches } = report
  if (left > 0) {
    const still = left === audiences ? 'Nothing could' : `${left} of ${audiences} parts could not`
    return `${still} be compared yet. It goes on by itself when the server answers.`
  }
  const found =
    mismatches.length === 0
      ? 'Everything here is what the server has.'
      : `${parts(mismatches.length)} differed and ${mismatches.length === 1 ? 'was' : 'were'} loaded anew. Please send the report to whoever runs this app.`
  return ago === null ? found : `${found} Compared ${ago}.`
}

const parts = (count: number) => (count === 1 ? '1 part' : `${count} parts`)
