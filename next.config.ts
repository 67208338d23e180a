/**
 * How Next builds and serves the app. Edit this file to change bundling or headers.
 */
import type { NextConfig } from 'next'
import { PHASE_DEVELOPMENT_SERVER } from 'next/constants'
import { securityHeaders } from './server/security-headers'

export default function config(phase: string): NextConfig {
  const isDevelopment = phase === PHASE_DEVELOPMENT_SERVER
  return {
    // It would stand on the account menu.
    devIndicators: false,
    // Files named `*.dev.ts` are routes in development and nothing at all in a production build.
    pageExtensions: isDevelopment ? ['dev.ts', 'ts', 'tsx'] : ['ts', 'tsx'],
    // They find their own files (wasm, data) beside them, which a bundle would take apart.
    serverExternalPackages: ['@electric-sql/pglite', 'postgres', 'proper-lockfile'],
    poweredByHeader: false,
    agentRules: false,
    env: {
      NEXT_PUBLIC_BUILD: process.env.NEXT_PUBLIC_BUILD ?? (isDevelopment ? 'dev' : String(Date.now())),
      BEAMLINE_SHIPPED: process.env.BEAMLINE_SHIPPED ?? '{}',
    },
    headers: async () => [
      { source: '/:path*', headers: securityHeaders(isDevelopment) },
      { source: '/sw.js', headers: [{ key: 'Cache-Control', value: 'no-cache' }] },
      // Named by their content: a browser asks once.
      {
        source: '/prepared/:file',
        headers: [{ key: 'Cache-Control', value: 'public, max-age=31536000, immutable' }],
      },
      // PGlite's data file is 6 MB and shrinks to a third, but servers and caches compress by type, and its own type
      // (application/octet-stream) is not on any list. Nobody looks at this one.
      { source: '/_next/static/media/:file(.*\\.data)', headers: [{ key: 'Content-Type', value: 'application/wasm' }] },
    ],
  }
}
