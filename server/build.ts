import type { Fingerprints } from '@/lib/sync/core/deploy'

/**
 * Which build this is. `npm run build` sets it to the time of the build, for the server and the browser alike; in
 * development it is `dev`. Devices offer held actions again when it changes (ACT-4).
 */
export const build = process.env.NEXT_PUBLIC_BUILD ?? 'dev'

/** Fingerprints of the code of this build, as `npm run build` computed them; none in development (DEP-1). */
export const shipped = JSON.parse(process.env.BEAMLINE_SHIPPED ?? '{}') as Fingerprints
