/**
 * Deterministic ids and chance of one action (ACT-1): both derive from the action id, so every run of the action, on
 * any device and in any replay, hands out the same values.
 */
import { v5 } from 'uuid'
import { hashText } from './canonical-json'

export interface ActionIds {
  /** uuidv5 (RFC 9562) of the key, or of a running number, in the namespace of the action id. */
  id(key?: string): string
  readonly handedOut: ReadonlySet<string>
}

export function actionIds(actionId: string): ActionIds {
  const handedOut = new Set<string>()
  let running = 0
  return {
    handedOut,
    id(key) {
      running += key === undefined ? 1 : 0
      const value = v5(key === undefined ? `number:${running}` : `key:${key}`, actionId)
      handedOut.add(value)
      return value
    },
  }
}

/** Numbers in [0, 1) by sfc32 (Chris Doty-Humphrey, PractRand), seeded by a text. */
export function seededRandom(seed: string): () => number {
  const hash = hashText(seed)
  const word = (index: number) => Number.parseInt(hash.slice(index * 8, index * 8 + 8), 16) | 0
  let [a, b, c, counter] = [word(0), word(1), word(2), 1]
  const next = () => {
    const mixed = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + mixed) | 0
    return (mixed >>> 0) / 2 ** 32
  }
  for (let round = 0; round < 12; round += 1) next()
  return next
}
