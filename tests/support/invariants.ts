/** What must be true of the tracker whatever people did at the same time; each line is a rule nobody may break. */
import type { Store } from '@/lib/sync/store/driver'

const invariants: readonly { readonly rule: string; readonly offenders: string }[] = [
  {
    rule: 'no column holds more issues than its limit',
    offenders: `select c.name from columns c join issues i on i.column_id = c.id and i.archived_at is null
      where c.issue_limit is not null group by c.id, c.name, c.issue_limit having count(*) > c.issue_limit`,
  },
  {
    rule: 'no completed issue has an open child',
    offenders: `select p.title from issues p join issues c on c.parent_id = p.id
      where p.completed_at is not null and c.completed_at is null`,
  },
  {
    rule: 'a child has no children',
    offenders: `select p.title from issues p join issues c on c.parent_id = p.id where p.parent_id is not null`,
  },
  {
    rule: 'whoever has an issue may edit it',
    offenders: `select i.title from issues i where i.assignee_id is not null and not exists (select from members m
      where m.project_id = i.project_id and m.user_id = i.assignee_id and m.role <> 'viewer')`,
  },
  {
    rule: 'every project has an owner',
    offenders: `select p.name from projects p
      where not exists (select from members m where m.project_id = p.id and m.role = 'owner')`,
  },
  {
    rule: 'numbers are given out one after another',
    offenders: `select i.number::text from issues i join issue_counters c on c.project_id = i.project_id
      where i.number > c.last_number or i.number < 1`,
  },
  { rule: 'votes are not negative', offenders: 'select issue_id::text from issue_votes where total < 0' },
  {
    rule: 'no two issues of a column have the same place',
    offenders: 'select rank from issues group by column_id, rank having count(*) > 1',
  },
]

/** The rules that are broken, with who breaks them; empty when all is well. */
export async function brokenInvariants(store: Store): Promise<string[]> {
  return store.transaction(async (sql) => {
    const broken: string[] = []
    for (const { rule, offenders } of invariants) {
      const rows = await sql.rows(offenders)
      if (rows.length > 0) broken.push(`${rule}: ${rows.map(([name]) => String(name)).join(', ')}`)
    }
    return broken
  })
}
