'use client'
import { useMemo } from 'react'
import { DeviceFailure } from '../device/client'
import type { DigestReport } from '../device/digests'
import type { ImportReport } from '../device/import-pending'
import { useDeviceClient, useFirstRows } from './provider'
import { noteActing } from './use-action'

export interface Device {
  /** Null while there is no device (nobody signed in, or the worker is not up yet). */
  readonly userId: string | null
  /** All captured rows this device holds, with its audiences and cursors, as JSON text in a fixed order. */
  exportData(): Promise<string>
  /** What waits for the server as the text of a file, for another device of this person (OUT-2). */
  exportPending(): Promise<string>
  /** Takes in such a file: what is new in it waits here from now on, and is sent. */
  importPending(text: string): Promise<ImportReport>
  /** Exchanges now and resolves when that was answered, or failed. */
  syncNow(): Promise<void>
  /** Compares the rows of every audience with the server's, now, and loads anew what differs (CON-1). */
  verify(): Promise<DigestReport>
  /** What the last comparisons found. */
  digestReport(): Promise<DigestReport>
  /** Loads everything anew from the server; what waits is kept and sent. Say first what it does. */
  resync(): Promise<void>
  /** Throws away all actions the server does not know yet; answers how many. There is no way back: ask first (DEV-1). */
  discardPending(): Promise<number>
}

/** The device itself: its data as text, and its pending work as a whole. */
export function useDevice(): Device {
  const client = useDeviceClient()
  const first = useFirstRows()
  return useMemo(() => {
    const device = () => {
      if (client === null) throw new DeviceFailure('unavailable', 'The database of this device is not open yet.')
      return client
    }
    return {
      userId: client?.userId ?? null,
      exportData: async () => device().exportData(),
      exportPending: async () => device().exportPending(),
      importPending: async (text) => {
        const imported = device().importPending(text)
        noteActing(first, imported)
        return imported
      },
      syncNow: async () => device().syncNow(),
      verify: async () => device().verify(),
      digestReport: async () => device().digestReport(),
      resync: async () => {
        await device().resync()
        await first?.forget()
      },
      discardPending: async () => {
        const discarded = device().discardPending()
        noteActing(first, discarded)
        const count = await discarded
        await first?.forget()
        return count
      },
    }
  }, [client, first])
}
