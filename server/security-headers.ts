/**
 * The headers of every page. Edit this file to let the app load something from another origin.
 *
 * Pages are static, because they must open offline, so a script cannot carry a nonce made for its request. Next writes
 * inline scripts into each page; `npm run build` hashes those of the finished pages into the policy. A script that
 * somebody smuggles into a row has no hash, and the whole local database stays where it is (AB-36).
 */

/** Stands where `npm run build` writes the hashes. A build that forgot them runs no inline script at all. */
export const scriptHashesPlaceholder = "'sha256-script-hashes-are-written-by-npm-run-build'"

/** `wasm-unsafe-eval` compiles PGlite, and nothing else. */
export function contentSecurityPolicy(isDevelopment: boolean): string {
  const inline = isDevelopment ? "'unsafe-inline' 'unsafe-eval'" : scriptHashesPlaceholder
  return [
    "default-src 'self'",
    `script-src 'self' 'wasm-unsafe-eval' ${inline}`,
    "script-src-attr 'none'",
    "worker-src 'self'",
    // Components set positions and sizes as style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${isDevelopment ? ' ws:' : ''}`,
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

export function securityHeaders(isDevelopment: boolean): { key: string; value: string }[] {
  const always = [
    { key: 'Content-Security-Policy', value: contentSecurityPolicy(isDevelopment) },
    { key: 'X-Content-Type-Options', value: 'nosniff' },
    { key: 'X-Frame-Options', value: 'DENY' },
    { key: 'Referrer-Policy', value: 'same-origin' },
    { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
    { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
    { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=(), usb=()' },
  ]
  // Browsers ignore it over plain http, so that a production server on localhost stays reachable.
  const https = { key: 'Strict-Transport-Security', value: 'max-age=31536000' }
  return isDevelopment ? always : [...always, https]
}
