import { describe, expect, it } from 'vitest'
import { checkFloors } from './floors'

const messages = (path: string, text: string) => checkFloors([{ path, text }]).map((finding) => finding.message)

describe('floors', () => {
  it.each([
    ['lib/sync/core/a.ts', `import { readFileSync } from 'node:fs'`, 'core may not import "node:fs"'],
    [
      'lib/sync/core/a.ts',
      `import { install } from '../store/install'`,
      'core may not import "lib/sync/store/install"',
    ],
    ['lib/sync/store/a.ts', `import { x } from '@/lib/sync/device/engine'`, 'store may not import'],
    ['lib/sync/device/a.ts', `import { x } from '../server/ingest'`, 'device may not import'],
    ['lib/sync/device/a.ts', `import type { X } from '../server/ingest'`, '(even types of)'],
    ['lib/sync/device/a.ts', `export { x } from '../server/ingest'`, 'device may not import'],
    ['lib/sync/device/a.ts', `const w = new URL('../server/x.worker.ts', import.meta.url)`, 'device may not import'],
    ['lib/sync/server/a.ts', `import { useState } from 'react'`, 'server may not import "react"'],
    ['lib/sync/server/a.ts', `const fs = await import('node:fs')`, 'server may not import "node:fs"'],
    ['lib/sync/transport/a.ts', `import { x } from '../device/engine'`, 'transport may not import'],
    ['lib/sync/react/a.ts', `import { x } from '../store/driver'`, 'react may not import'],
    ['lib/actions/a.ts', `import { x } from '@/lib/sync/core/ids'`, 'actions may not import'],
    ['lib/actions/a.ts', `import { x } from 'nanoid'`, 'actions may not import "nanoid"'],
    ['server/a.ts', `import { x } from '@/lib/sync/store/driver'`, 'Put engine, transport and actions together'],
    ['app/page.tsx', `import { x } from '@/server/auth'`, 'app/ may not import'],
    ['app/page.tsx', `import { x } from '@/lib/sync/device/engine'`, 'put engine parts together in app/_engine'],
  ])('%s refuses %s', (path, text, expected) => {
    expect(messages(path, text).join()).toContain(expected)
  })

  it.each([
    ['lib/sync/core/a.ts', `import { sha256 } from '@noble/hashes/sha2.js'; import { z } from 'zod'; import './b'`],
    ['lib/sync/transport/a.ts', `import type { X } from '../device/engine'; import { type Y } from '../server/ingest'`],
    ['lib/actions/a.ts', `import { eq } from 'drizzle-orm'; import { x } from '@/db/schema'; import '../sync/action'`],
    ['server/sync.ts', `import '@/lib/sync/store/driver'; import '@/lib/sync/transport/trpc'`],
    ['app/_engine/a.ts', `import '@/lib/sync/device/engine'`],
    ['app/page.tsx', `import type { Router } from '@/server/root'; import { useAction } from '@/lib/sync/react'`],
    ['lib/sync/device/a.test.ts', `import '../server/ingest'`],
  ])('%s allows %s', (path, text) => {
    expect(messages(path, text)).toEqual([])
  })

  it('names the line', () => {
    const text = `import { z } from 'zod'\n\nimport { x } from 'left'\n`
    expect(checkFloors([{ path: 'lib/sync/core/a.ts', text }])).toMatchObject([{ line: 3 }])
  })
})
