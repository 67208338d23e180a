/** What a campaign of random actions has done, told from what was captured: a campaign without it would prove little. */
import { netChanges, type Patch, rowId } from '@/lib/sync/core/images'

export type Census = Record<string, number>

const parentColumns = ['room_id', 'list_id', 'parent_id', 'card_id']
const uniqueColumns = ['place', 'rank', 'name', 'label']

/** Adds what one applied action did. */
export function takeCensus(census: Census, patches: readonly Patch[]): void {
  const add = (what: string, many: number) => {
    census[what] = (census[what] ?? 0) + many
  }
  const net = netChanges(patches)
  const column = (patch: Patch, name: string) => [patch.before?.[name] ?? null, patch.after?.[name] ?? null] as const
  const updates = patches.filter(({ before, after }) => before && after)
  const changing = (name: string) => updates.filter((patch) => column(patch, name)[0] !== column(patch, name)[1]).length
  const gone = new Set(patches.filter(({ after }) => after === null).map(({ key }) => key))
  const wentAlong = ({ before, after }: Patch) =>
    before && !after && parentColumns.some((name) => gone.has(JSON.stringify([before[name] ?? ''])))
  add('inserts', patches.filter(({ before }) => before === null).length)
  add('updates', updates.length)
  add('deletes', patches.filter(({ after }) => after === null).length)
  add('cascades', patches.filter(wentAlong).length)
  add(
    'references cleared',
    updates.filter((patch) => column(patch, 'keeper_id')[1] === null && column(patch, 'keeper_id')[0]).length,
  )
  add('new parents', changing('parent_id') + changing('list_id'))
  add('generated columns', changing('lower_text') + changing('doubled'))
  add(
    'moves between audiences',
    net.filter((patch) => patch.before && patch.after && column(patch, 'audience')[0] !== column(patch, 'audience')[1])
      .length,
  )
  add('key changes', patches.filter((patch, index) => isKeyChange(patch, patches[index + 1])).length)
  add(
    'composite key changes',
    patches.filter((patch, index) => isKeyChange(patch, patches[index + 1]) && patch.key.includes(',')).length,
  )
  add('deleted and inserted again', patches.filter((patch, index) => isRebirth(patch, patches.slice(0, index))).length)
  add('swaps', tradedValues(net))
  add('rows that ended as they began', new Set(patches.map(rowId)).size - net.length)
}

/** A changed key is captured as a delete and an insert, one behind the other (CAP-2). */
function isKeyChange(patch: Patch, next: Patch | undefined): boolean {
  return patch.after === null && next?.before === null && next.table === patch.table && next.key !== patch.key
}

function isRebirth(patch: Patch, earlier: readonly Patch[]): boolean {
  if (patch.before !== null) return false
  return earlier.some((one) => one.after === null && one.table === patch.table && one.key === patch.key)
}

/** Rows that ended with a unique value another row of the table gave up. */
function tradedValues(net: readonly Patch[]): number {
  const moved = net.flatMap(({ table, before, after }) =>
    uniqueColumns.flatMap((name) => {
      const [from, to] = [before?.[name] ?? null, after?.[name] ?? null]
      return from === null || to === null || from === to ? [] : [{ place: `${table} ${name}`, from, to }]
    }),
  )
  const givenUp = new Set(moved.map(({ place, from }) => `${place} ${from}`))
  return moved.filter(({ place, to }) => givenUp.has(`${place} ${to}`)).length
}
