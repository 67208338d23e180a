/** Runs once when a server starts, before it answers requests. Edit `server/start.ts` instead. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { start } = await import('./server/start')
  await start()
}
