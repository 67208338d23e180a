/** Every action of the simulated application, by the build that knows it (ACT-4). */
import type { AnyAction } from '@/lib/sync/action'
import {
  addToCounter,
  addToCounterOnce,
  bumpLegacy,
  makeThing,
  moveThing,
  multiplyCounter,
  takeThing,
  tidyThings,
} from './item-actions'
import { pocketMoney, transferMoney } from './money-actions'
import { makeFolder, moveNote, removeFolder, splitFolder, writeNote } from './note-actions'
import { forgeKey, nothingHappens, throwSometimes, writeElsewhere, writeUndeclared } from './odd-actions'
import { addMember, changeRole, foundRoom, leaveRoom, removeMember, surveyRooms } from './room-actions'
import { claimSeat, claimSeatOnce, forceSeat, leaveSeat, swapSeats } from './seat-actions'
import { decideBySlip, echoNotices, postNotice, writeSlip } from './slip-actions'

export type Build = 'build-1' | 'build-2'

const always: readonly AnyAction[] = [
  foundRoom,
  addMember,
  removeMember,
  changeRole,
  leaveRoom,
  surveyRooms,
  transferMoney,
  pocketMoney,
  claimSeat,
  claimSeatOnce,
  forceSeat,
  leaveSeat,
  swapSeats,
  makeFolder,
  writeNote,
  moveNote,
  removeFolder,
  splitFolder,
  multiplyCounter,
  makeThing,
  moveThing,
  takeThing,
  tidyThings,
  writeSlip,
  decideBySlip,
  postNotice,
  echoNotices,
  nothingHappens,
  throwSometimes,
  writeUndeclared,
  writeElsewhere,
  forgeKey,
]

export const actionsOfBuild: Readonly<Record<Build, readonly AnyAction[]>> = {
  'build-1': [...always, addToCounterOnce, bumpLegacy],
  'build-2': [...always, addToCounter],
}

/** Build 2 and what it has forgotten: runs every record that any build accepted. */
export const everyAction: readonly AnyAction[] = [...actionsOfBuild['build-2'], bumpLegacy]
