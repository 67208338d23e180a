/** Moments in words. All of them take `now`, so that tests and lists agree on it. */
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** "just now", "5 min ago", "3 h ago", "yesterday", then the date. */
export function agoWords(atMs: number, nowMs: number): string {
  const sinceMs = nowMs - atMs
  if (sinceMs < minuteMs) return 'just now'
  if (sinceMs < hourMs) return `${Math.floor(sinceMs / minuteMs)} min ago`
  if (sinceMs < dayMs) return `${Math.floor(sinceMs / hourMs)} h ago`
  if (sinceMs < 2 * dayMs) return 'yesterday'
  return dateWords(atMs, nowMs)
}

/** "3 May", with the year when it is another one. */
export function dateWords(atMs: number, nowMs: number): string {
  const at = new Date(atMs)
  const isThisYear = at.getFullYear() === new Date(nowMs).getFullYear()
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...(isThisYear ? {} : { year: 'numeric' }) })
}

/** The time of day, with the date when it was not today: "10:05", "3 May, 10:05". */
export function clockWords(atMs: number, nowMs: number): string {
  const at = new Date(atMs)
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  return at.toDateString() === new Date(nowMs).toDateString() ? time : `${dateWords(atMs, nowMs)}, ${time}`
}

/** The whole moment, for tooltips. */
export function fullWords(atMs: number): string {
  return new Date(atMs).toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'short' })
}
