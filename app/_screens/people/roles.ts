import type { MemberRole } from '@/db/schema'

export const roleOptions: readonly { readonly value: MemberRole; readonly label: string }[] = [
  { value: 'owner', label: 'Owner' },
  { value: 'editor', label: 'Editor' },
  { value: 'viewer', label: 'Viewer' },
]

/** What a role may do, for people who choose one. */
export const roleHints: Readonly<Record<MemberRole, string>> = {
  owner: 'Everything: people and roles, too.',
  editor: 'Creates, changes and moves issues and columns.',
  viewer: 'Reads, comments and votes.',
}

/** "an owner", for the middle of a sentence. */
export function roleWords(role: MemberRole): string {
  return role === 'viewer' ? 'a viewer' : `an ${role}`
}
