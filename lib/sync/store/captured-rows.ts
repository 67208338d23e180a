/**
 * What the engine asks of the captured tables while a transaction is open: who holds what, running an action, roll back,
 * setting rows to images. Docstrings are at the functions behind.
 */
import { enterEngine, settleConstraints } from './action-context'
import type { Catalog } from './catalog'
import { copyRows, countRows, hasMoreRows } from './copy-rows'
import { digestRows } from './digest'
import type { Sql } from './driver'
import { heldAudiences, missingAudiences } from './held-audiences'
import { dropPatches, readPatches, rollBack } from './roll-back'
import { type RunRequest, runAction } from './run-action'
import { allRows, audienceRows, currentRows, type RowTarget, removeAudiences, setRows } from './set-rows'

export type PlacedRun = Omit<RunRequest, 'catalog'>

interface RowName {
  readonly table: string
  readonly key: string
}

export function capturedRows(sql: Sql, catalog: Catalog) {
  return {
    /** Column names by table, in table order. */
    columnsByTable: (): ReadonlyMap<string, readonly string[]> =>
      new Map([...catalog.tables].map(([name, table]) => [name, table.columns.map((column) => column.name)])),
    isExactNumber: (table: string, column: string) => catalog.isExactNumber(table, column),
    heldAudiences: (userId: string) => heldAudiences(sql, userId),
    missingAudiences: (userId: string, named: readonly string[]) => missingAudiences(sql, userId, named),
    /** Needs `deferConstraints` or `enterEngine` before it in the transaction. */
    runAction: (run: PlacedRun) => runAction(sql, { ...run, catalog }),
    enterEngine: () => enterEngine(sql),
    settleConstraints: () => settleConstraints(sql),
    rollBack: (actionIds: readonly string[] | 'all') => rollBack(sql, catalog, actionIds),
    dropPatches: (actionIds: readonly string[] | 'all') => dropPatches(sql, actionIds),
    readPatches: (actionIds: readonly string[]) => readPatches(sql, actionIds),
    setRows: (targets: readonly RowTarget[]) => setRows(sql, catalog, targets),
    currentRows: (wanted: readonly RowName[]) => currentRows(sql, catalog, wanted),
    audienceRows: (audience: string) => audienceRows(sql, catalog, audience),
    hasMoreRows: (audience: string, rowsMax: number) => hasMoreRows(sql, catalog, { audience, rowsMax }),
    countRows: (audience: string) => countRows(sql, catalog, audience),
    copyRows: (audience: string, table: string) => copyRows(sql, catalog, { audience, table }),
    digest: (audience: string) => digestRows(sql, catalog, audience),
    allRows: () => allRows(sql, catalog),
    removeAudiences: (audiences: readonly string[]) => removeAudiences(sql, catalog, audiences),
  }
}

export type CapturedRows = ReturnType<typeof capturedRows>
