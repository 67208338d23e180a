/**
 * The hooks of the engine: everything a screen needs, and the only engine file that screens import.
 *
 * ```tsx
 * const { rows, isLoading, error } = useLiveQuery((db) =>
 *   projectId === null ? null : db.select().from(issues).where(eq(issues.projectId, projectId)).orderBy(issues.rank),
 * )
 * const claim = useAction(issueClaim)
 * try {
 *   const value = await claim({ issueId })           // durable on this device (ACT-7), also offline
 * } catch (error) {
 *   if (error instanceof ActionRejected) show(error.reason, error.details)   // the rule said no; nothing was recorded
 * }
 * const call = claim({ issueId })
 * const receipt = await call.settled                 // what the server made of it; waits as long as it takes
 * ```
 *
 * - `useLiveQuery(build)`: `build(db)` returns a drizzle select, or null while there is nothing to ask. It runs on every
 *   render; the subscription changes only when its SQL or parameters do, so no dependency list is needed. Unchanged
 *   rows keep their identity. With `{ key, input }` its rows are there before the database is open; `isStale` says so
 *   (LIVE-2). While parameters change, the former rows stay (`isLoading` is true) until the new ones
 *   are there.
 * - `useAction(action)`: a stable function. It rejects with `ActionRejected` (the rule) or `DeviceFailure` (`code`:
 *   `invalid-input`, `storage`, `unavailable`, …). An unobserved `settled` never raises.
 * - `useSyncStatus()`: the `SyncStatus` of `views.ts`.
 * - `useReceipts()`: `{ receipts, markSeen(ids) }`, newest first, pending ones included.
 * - `useDevice()`: `{ userId, exportData(), exportPending(), importPending(text), syncNow(), verify(), digestReport(),
 *   resync(), discardPending() }`. The exports answer JSON text; the pending work of a person can be imported on another
 *   device of theirs (OUT-2); `verify` and `resync` are for people and support (CON-1);
 *   `discardPending` answers how many actions were thrown away (ask before: DEV-1).
 *
 * All of them need `BeamlineProvider` above them; `app/_engine/provider.tsx` puts it there with the session:
 * `<EngineProvider>` around the signed-in screens and `useSessionUser()`.
 */
export { ActionRejected } from '../action'
export type { ColumnDifference } from '../core/shown'
export { DeviceFailure } from '../device/client'
export type { DigestReport } from '../device/digests'
export type { ImportReport } from '../device/import-pending'
export type { ActionCall, ReceiptView, SettledReceipt, SyncStatus } from '../device/views'
export { BeamlineProvider } from './provider'
export { useAction } from './use-action'
export { useDevice } from './use-device'
export { type LiveDb, type LiveQueryResult, useLiveQuery } from './use-live-query'
export { useReceipts } from './use-receipts'
export { useSyncStatus } from './use-sync-status'
