import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { budgetKb, overBudget, sizesKb } from './first-visit'

describe('the budget of a first visit', () => {
  it('[TAB-3] counts files as they travel: compressed, and those that are compressed already as they are', () => {
    const bodies: Readonly<Record<string, Buffer>> = {
      '/_next/static/a.js': Buffer.alloc(1_000_000, 'x'),
      '/_next/static/b.wasm': randomBytes(50_000),
      '/prepared/c.tar.gz': Buffer.alloc(20_000),
      '/icon.png': Buffer.alloc(3_000),
    }
    const sizes = sizesKb(Object.keys(bodies), (path) => bodies[path] ?? Buffer.alloc(0))
    expect(Object.fromEntries(sizes)).toEqual({ scripts: 1, database: 70, rest: 3 })
  })

  it('[TAB-3] says which kind of file is over it', () => {
    const most = budgetKb.scripts ?? 0
    expect(overBudget(new Map([['scripts', most]]))).toEqual([])
    expect(overBudget(new Map([['scripts', most + 1]]))).toEqual([`scripts: ${most + 1} kB, at most ${most} kB`])
    expect(overBudget(new Map([['films', 1]]))).toEqual(['films: 1 kB, at most 0 kB'])
  })
})
