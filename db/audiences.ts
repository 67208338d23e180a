/**
 * Who holds which audience. Edit this file when a new kind of row lets people see something.
 *
 * A grant names a captured table and its column with the user id: that user holds the row's own audience (AUD-2). So a
 * membership is part of the history it opens, and adding or removing a person is an action like any other.
 * `user:<id>` needs no grant: everybody holds their own.
 */
import type { Grant } from '@/lib/sync/model'

export const grants: readonly Grant[] = [{ table: 'members', userColumn: 'user_id' }]
