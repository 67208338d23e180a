/**
 * The registry: every action of this application, and nothing registers itself. Edit this file when you add an action.
 * Name and version of an action are a contract with devices that are offline right now (ACT-4): never change what a
 * shipped version means, and never take one away without an upcaster.
 */
import type { AnyAction } from '@/lib/sync/action'
import * as column from './column'
import * as comment from './comment'
import * as focus from './focus'
import * as issue from './issue'
import * as label from './label'
import * as member from './member'
import * as project from './project'
import * as workflow from './workflow'

export * from './column'
export * from './comment'
export * from './focus'
export * from './issue'
export * from './label'
export * from './member'
export * from './project'
export * from './workflow'

export const actions: readonly AnyAction[] = [
  project.createProject,
  project.renameProject,
  member.addMember,
  member.removeMember,
  member.setMemberRole,
  column.addColumn,
  column.renameColumn,
  column.setColumnLimit,
  column.closeColumn,
  column.reopenColumn,
  column.reorderColumn,
  column.archiveDone,
  issue.createIssue,
  issue.editIssue,
  issue.assignIssue,
  issue.claimIssue,
  issue.deleteIssue,
  issue.voteForIssue,
  workflow.moveIssue,
  workflow.completeIssue,
  workflow.reopenIssue,
  workflow.transferIssue,
  comment.addComment,
  comment.editComment,
  comment.removeComment,
  label.createLabel,
  label.attachLabel,
  label.detachLabel,
  focus.addFocus,
  focus.removeFocus,
  focus.writeFocusNote,
  focus.changeSettings,
]
