/** What a browser keeps of one person, by name. Whoever adds something adds it to `forget.ts`. */

export const outboxName = (userId: string) => `beamline-outbox-${userId}`
export const seenName = (userId: string) => `beamline-seen-${userId}`
/** In `localStorage`: that something is being done, one key for each tab. */
export const marksPrefix = (userId: string) => `beamline.acting.${userId}.`
/** In `localStorage`: which device was here. */
export const keptKey = (userId: string) => `beamline.kept.${userId}`
