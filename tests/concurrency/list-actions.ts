/**
 * Appends to lists, each of an item that is used once and never again. What an append found is written down beside it:
 * so the rows at the end tell, for each action, which others it saw, and a checker needs to believe nobody
 * (append-checker.ts).
 */
import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { type ActionContext, defineAction, reject } from '@/lib/sync/action'
import { listKey } from './append-checker'
import { lists, looks } from './club'

const club = (id: string) => `club:${id}`
const item = z.string().regex(/^[^ ]+$/)

type Writing = Pick<ActionContext<{ readonly list: string; readonly item: string }>, 'db' | 'input' | 'id'>

async function itemsOf({ db, input }: Writing, audience: string): Promise<string[]> {
  const [row] = await db
    .select()
    .from(lists)
    .where(and(eq(lists.audience, audience), eq(lists.name, input.list)))
  return row ? row.items.split(' ') : []
}

async function appendTo(writing: Writing, audience: string, itemsMax = Number.POSITIVE_INFINITY): Promise<string[]> {
  const { db, input } = writing
  const before = await itemsOf(writing, audience)
  if (before.length >= itemsMax) reject('full')
  const items = [...before, input.item].join(' ')
  await db
    .insert(lists)
    .values({ audience, name: input.list, items })
    .onConflictDoUpdate({ target: [lists.audience, lists.name], set: { items } })
  await noteLook(writing, { audience, of: audience, seen: items })
  return items.split(' ')
}

async function noteLook(
  { db, input, id }: Writing,
  { audience, of, seen }: { readonly audience: string; readonly of: string; readonly seen: string },
): Promise<void> {
  await db.insert(looks).values({ id: id(), audience, item: input.item, list: listKey(of, input.list), seen })
}

/** With `itemsMax` a list is full some day: a late arrival may then push somebody out who was told it was in. */
export const append = defineAction({
  name: 'list.append',
  version: 1,
  input: z.strictObject({ clubId: z.uuid(), list: z.string(), item, itemsMax: z.int().optional() }),
  audiences: (input) => [club(input.clubId)],
  run: (context) => appendTo(context, club(context.input.clubId), context.input.itemsMax),
})

/** The same item in the lists of two clubs, or in neither. */
export const appendBoth = defineAction({
  name: 'list.appendBoth',
  version: 1,
  input: z.strictObject({ first: z.uuid(), second: z.uuid(), list: z.string(), item }),
  audiences: (input) => [club(input.first), club(input.second)],
  async run(context) {
    await appendTo(context, club(context.input.first))
    await appendTo(context, club(context.input.second))
  },
})

/** Looks at the list of one club and appends in another: what is later there must not be seen. */
export const quote = defineAction({
  name: 'list.quote',
  version: 1,
  input: z.strictObject({ from: z.uuid(), to: z.uuid(), list: z.string(), item }),
  audiences: ({ from, to }) => ({ writes: [club(to)], reads: [club(from)] }),
  async run(context) {
    const [from, to] = [club(context.input.from), club(context.input.to)]
    await noteLook(context, { audience: to, of: from, seen: (await itemsOf(context, from)).join(' ') })
    await appendTo(context, to)
  },
})

export const listActions = [append, appendBoth, quote]
