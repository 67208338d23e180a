/**
 * Who may change what: row-level security policies per table and verb. Edit this file with every new table.
 *
 * A verb without a line is allowed to nobody. The engine adds the fences (an action changes rows of the audiences it
 * named, and of no others), so these lines only speak of roles and ownership (AUD-3). Insert and update conditions look
 * at the new row, and breaking one raises an error; delete and `updateUsing` conditions look at the old row and filter
 * silently: there the action checks `returning()` and rejects `not-allowed`.
 */
import type { PolicyFunction, TablePolicies } from '@/lib/sync/model'
import type { MemberRole } from './schema'

export const functions: readonly PolicyFunction[] = [
  {
    // The projects, among those the action named, in which the author has one of these roles.
    name: 'audiences_with_role',
    parameters: 'roles text[]',
    returns: 'text[]',
    sql: `
      select coalesce(array_agg(members.audience), '{}')
      from public.members
      where members.user_id = sync.current_user_id()
        and members.audience = any (sync.current_audiences())
        and members.role::text = any (roles)`,
  },
]

// Calls stand in a scalar subselect, so that they run once per statement and not once per row. The cast is needed:
// without it `any ((select …))` is read as a subquery of many rows.
const isRole = (...roles: readonly MemberRole[]) =>
  `audience = any ((select sync.audiences_with_role('{${roles.join(',')}}'))::text[])`

const isOwner = isRole('owner')
const isEditor = isRole('owner', 'editor')
const isMember = isRole('owner', 'editor', 'viewer')
const isMine = (column: string) => `${column} = (select sync.current_user_id())`
const isFounded = 'audience = any ((select sync.founded_audiences())::text[])'
const isAnybody = 'true'

/** The action may write to two projects or more: it carries rows from one to the other (`issue.transfer`). */
const isTransfer = `(
  select count(*) > 1 from unnest(sync.writable_audiences()) as named (audience) where starts_with(named.audience, 'project:')
)`

const editors: TablePolicies = { insert: isEditor, update: isEditor, delete: isEditor }

/** The fence lets nobody near `user:` rows but their user: nothing is left to say. */
const onlyTheirUser: TablePolicies = { insert: isAnybody, update: isAnybody, delete: isAnybody }

export const policies: Readonly<Record<string, TablePolicies>> = {
  projects: { insert: isFounded, update: isOwner },
  // The founder is the first owner. Anybody may leave; that the last owner stays is a rule of `member.remove`.
  members: {
    insert: `${isOwner} or (${isFounded} and ${isMine('user_id')} and role = 'owner')`,
    update: isOwner,
    delete: `${isOwner} or ${isMine('user_id')}`,
  },
  columns: editors,
  // An issue also leaves a project by the hand of its editors only; hence the look at the old row.
  issues: { ...editors, updateUsing: isEditor },
  issue_counters: { insert: isFounded, update: isEditor },
  labels: editors,
  issue_labels: editors,
  // Everybody in the project has a say, viewers too.
  issue_votes: { insert: isMember, update: isMember, delete: isEditor },
  // One edits one's own comments; an issue that moves to another project takes the comments of others along.
  comments: {
    insert: `${isMember} and ${isMine('author_id')}`,
    update: `${isMine('author_id')} or (${isTransfer} and ${isEditor})`,
    updateUsing: `${isMine('author_id')} or (${isTransfer} and ${isEditor})`,
    delete: `${isMine('author_id')} or ${isOwner}`,
  },
  focus_items: onlyTheirUser,
  settings: onlyTheirUser,
}
