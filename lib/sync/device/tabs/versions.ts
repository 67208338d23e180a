/** Two builds of the app in two tabs (FM-27). A build is the time it was made; development has none and is never older. */
export function isOlder(build: string, other: string): boolean {
  const [mine, theirs] = [Number(build), Number(other)]
  return Number.isFinite(mine) && Number.isFinite(theirs) && mine < theirs
}
