/** Parts of the inputs of all actions. Texts are such that every database takes them and none changes them. */
import { z } from 'zod'

/** As Postgres writes it: in capitals it would be the same uuid and another text. */
export const rowKey = z.uuid().lowercase()

/** `room:<uuid>` */
export const roomName = z.string().regex(/^room:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)

export const userKey = z.string().regex(/^[\w.@+-]{1,60}$/)

/** Neither NUL nor halves of surrogate pairs. */
export const phrase = z
  .string()
  .max(60)
  .regex(/^[^\0\p{Surrogate}]*$/u)

export const whole = z.int().min(-1_000_000).max(1_000_000)

export const role = z.enum(['owner', 'editor', 'viewer'])

export const inRoom = z.strictObject({ room: roomName })
