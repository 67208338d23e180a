/**
 * Which build this is. `npm run build` sets it to the time of the build, for the server and the browser alike; in
 * development it is `dev`. Devices offer held actions again when it changes (ACT-4).
 */
export const build = process.env.NEXT_PUBLIC_BUILD ?? 'dev'
