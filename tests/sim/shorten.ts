/**
 * Makes a red seed shorter: leaves out halves of its steps, then quarters and so on, as long as what is left is red too
 * (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002). Every step has its own stream of
 * chance, so what is left happens as before.
 */
export async function shortened(
  steps: number,
  isRed: (without: readonly number[]) => Promise<boolean>,
): Promise<number[]> {
  let left = Array.from({ length: steps }, (_, index) => index + 1)
  const leftOut = (kept: readonly number[]) =>
    Array.from({ length: steps }, (_, index) => index + 1).filter((step) => !kept.includes(step))
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < left.length; ) {
      const kept = [...left.slice(0, start), ...left.slice(start + size)]
      if (await isRed(leftOut(kept))) left = kept
      else start += size
    }
  }
  return leftOut(left)
}
