/** Input fields that many actions share. Edit this file to change how long a title may be. */
import { z } from 'zod'

export const id = z.uuid()
/** User ids come from the auth library: opaque text. */
export const userId = z.string().min(1).max(100)
export const name = z.string().trim().min(1).max(100)
export const title = z.string().trim().min(1).max(200)
export const longText = z.string().max(20_000)
export const role = z.enum(['owner', 'editor', 'viewer'])
export const priority = z.enum(['none', 'low', 'medium', 'high', 'urgent'])
export const estimate = z.int().min(0).max(100)
export const issueLimit = z.int().min(1).max(1000)

/** Behind which row: null means in front of all. Left out, or a row that is not there any more: behind all. */
export const after = id.nullable().optional()

/** Every row of a project lives in this audience; most actions name it and nothing else. */
export const project = (input: { projectId: string }) => [`project:${input.projectId}`]
