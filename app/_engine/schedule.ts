/** Real timers, in the shape the engine wants them: what it answers calls them off. */
export function schedule(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms)
  return () => clearTimeout(timer)
}
