/** Errors over the worker boundary: structured cloning keeps messages only, so they travel as data (TAB-1). */
import { ActionRejected } from '../action'
import { unreachable } from '../core/invariant'
import { DeviceFailure } from './client'
import type { WireFailure } from './worker-protocol'

export function toWireFailure(error: unknown): WireFailure {
  if (error instanceof ActionRejected) {
    return { kind: 'rejected', reason: error.reason, details: error.details && { ...error.details } }
  }
  if (error instanceof DeviceFailure) {
    const { code, message, sqlState, constraint } = error
    return { kind: 'failed', code, message, sqlState, constraint }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { kind: 'failed', code: 'error', message, sqlState: null, constraint: null }
}

export function fromWireFailure(failure: WireFailure): Error {
  switch (failure.kind) {
    case 'rejected':
      return new ActionRejected(failure.reason, failure.details)
    case 'failed':
      return new DeviceFailure(failure.code, failure.message, failure)
    default:
      return unreachable(failure)
  }
}
