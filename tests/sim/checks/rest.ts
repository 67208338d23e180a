/** What must be true at rest: CON-1 for a device, ORA-1 for the server, and receipts that say what became of it. */
import { imagesEqual, rowId } from '@/lib/sync/core/images'
import type { Receipt } from '@/lib/sync/core/protocol'
import { everyAction } from '../app/actions'
import { runOracle } from '../app/oracle'
import { codeOf } from '../deploys'
import type { DeviceLook, ServerLook } from '../ground'
import type { Person } from '../person'
import { broken } from './broken'
import { heldBy } from './held'

/** CON-1, whenever it must hold: nothing pending, and every cursor at its head. Answers whether it did have to. */
export function checkRest(person: Person, look: DeviceLook, server: ServerLook): boolean {
  if (look.pending.length > 0 || look.audiences === null) return false
  const held = heldBy(server, person.userId)
  if (held.size !== look.audiences.size || [...held].some((audience) => !look.audiences?.has(audience))) return false
  for (const audience of held) {
    const cursor = look.cursors.get(audience)
    const head = server.heads.get(audience)
    if (cursor?.seq !== (head?.head ?? 0) || cursor.token !== (head?.headToken ?? '')) return false
  }
  compareRows(person, look, { server, held })
  return true
}

function compareRows(
  person: Person,
  { rows }: DeviceLook,
  { server, held }: { readonly server: ServerLook; readonly held: ReadonlySet<string> },
): void {
  let count = 0
  for (const row of server.rows.values()) {
    if (!held.has(row.image.audience ?? '')) continue
    count += 1
    const here = rows.get(rowId(row))?.image ?? null
    if (imagesEqual(here, row.image)) continue
    const [is, should] = [JSON.stringify(here), JSON.stringify(row.image)]
    broken('CON-1', `${person.name} has ${is} where the server has ${should} (${row.table})`)
  }
  if (rows.size === count) return
  const more = [...rows.values()].filter((row) => !server.rows.get(rowId(row)))
  broken('CON-1', `${person.name} has rows that the server has not: ${JSON.stringify(more.slice(0, 3))}`)
}

export function checkReceipts(person: Person, { receipts }: DeviceLook, { ids }: ServerLook): void {
  for (const { receipt } of receipts.values()) {
    const known = ids.get(receipt.actionId)?.receipt
    if (receipt.status === 'refused' && known === undefined) continue
    if (known?.status === receipt.status && known.reason === receipt.reason) continue
    const [is, should] = [told(receipt), known ? told(known) : 'unknown']
    broken('ING-4', `${person.name} was told ${is} of ${receipt.name}, and it is ${should}`)
  }
}

const told = ({ status, reason }: Receipt) => `${status} ${reason ?? ''}`.trim()

/**
 * ORA-1: the server's rows and outcomes are those of running the accepted actions one after another, each by the code of
 * the build that accepted it: code never runs for actions it was not written for (DEP-1).
 */
export async function checkOracle(server: ServerLook): Promise<void> {
  const { rows, outcomes } = await runOracle(server.accepted, ({ build }) =>
    /^\d/.test(build ?? '') ? codeOf(build ?? '') : everyAction,
  )
  for (const { id, name, status, reason } of server.accepted) {
    const outcome = outcomes.get(id)
    const should = outcome === 'applied' || outcome === undefined ? String(outcome) : `rejected ${outcome.rejected}`
    const is = status === 'applied' ? status : `rejected ${reason}`
    if (is !== should) broken('ORA-1', `${name} (${id}) is ${is} and should be ${should}`)
  }
  for (const [id, image] of rows) {
    const here = server.rows.get(id)?.image ?? null
    if (imagesEqual(here, image)) continue
    broken('ORA-1', `the server has ${JSON.stringify(here)} and should have ${JSON.stringify(image)} (${id})`)
  }
  if (rows.size !== server.rows.size) {
    broken('ORA-1', `the server has ${server.rows.size} rows and should have ${rows.size}`)
  }
}
