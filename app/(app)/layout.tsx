import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { EngineProvider } from '@/app/_engine/provider'

export const metadata: Metadata = { title: 'Projects', robots: { index: false } }

export default function AppLayout({ children }: { children: ReactNode }) {
  return <EngineProvider>{children}</EngineProvider>
}
