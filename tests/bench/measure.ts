/**
 * Measuring two ways of doing the same against each other. They take turns in short blocks, so that what else the machine
 * does hits both; each pair of blocks gives one ratio, and the median of those is the result.
 */

export interface Side {
  /** One unit of work, for example one action or one batch. */
  run(): Promise<unknown>
  /** Not measured, before each block: puts everything back as it was. */
  reset?(): Promise<unknown>
}

export interface Contest {
  readonly ours: Side
  readonly bare: Side
  readonly rounds: number
  /** Units in a block. */
  readonly perBlock: number
  /** Blocks before anything counts: compilers are warm, plans are made. */
  readonly warmUpRounds: number
}

export interface Result {
  /** Milliseconds per unit, medians. */
  readonly oursMs: number
  readonly bareMs: number
  readonly ratio: number
  /** Between these lies half of all ratios. */
  readonly spread: readonly [low: number, high: number]
  readonly rounds: number
}

export async function contest({ ours, bare, rounds, perBlock, warmUpRounds }: Contest): Promise<Result> {
  const oursMs: number[] = []
  const bareMs: number[] = []
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    // Who begins changes, so that neither always meets the caches of the other.
    const isOursFirst = round % 2 === 0
    const first = await block(isOursFirst ? ours : bare, perBlock)
    const second = await block(isOursFirst ? bare : ours, perBlock)
    if (round < 0) continue
    oursMs.push(isOursFirst ? first : second)
    bareMs.push(isOursFirst ? second : first)
  }
  return resultOf(oursMs, bareMs)
}

export function resultOf(oursMs: readonly number[], bareMs: readonly number[]): Result {
  const ratios = oursMs.map((ms, round) => ms / (bareMs[round] ?? Number.NaN))
  return {
    oursMs: quantile(oursMs, 0.5),
    bareMs: quantile(bareMs, 0.5),
    ratio: quantile(ratios, 0.5),
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    rounds: ratios.length,
  }
}

/** Milliseconds per unit. */
async function block({ run, reset }: Side, units: number): Promise<number> {
  await reset?.()
  const startedAtMs = performance.now()
  for (let unit = 0; unit < units; unit += 1) await run()
  return (performance.now() - startedAtMs) / units
}

/** Nearest rank; the lower of two. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN
}
