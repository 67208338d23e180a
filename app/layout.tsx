import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Beamline', template: '%s · Beamline' },
  description:
    'An issue tracker that works offline and never merges: it replays what people did, in one order, by the rules.',
  applicationName: 'Beamline',
  icons: { icon: [{ url: '/icon.svg', type: 'image/svg+xml' }], apple: '/icon-192.png' },
  manifest: '/manifest.webmanifest',
  formatDetection: { telephone: false },
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  viewportFit: 'cover',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fbfaf8' },
    { media: '(prefers-color-scheme: dark)', color: '#0f1214' },
  ],
}

export default function RootLayout({ children }: { children: ReactNode }) {
  // The theme script sets `data-theme` before React takes the page over: the attribute is its own, not a mismatch.
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* Synchronous on purpose: it must run before the first paint, and it is a few lines. */}
        <script src="/theme.js" />
      </head>
      <body>{children}</body>
    </html>
  )
}
