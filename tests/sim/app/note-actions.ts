/** Folders and the notes in them: a note never outlives its folder. */
import { z } from 'zod'
import { defineAction, reject } from '@/lib/sync/action'
import { phrase, roomName, rowKey } from './input'
import type { Row, Rows } from './rows'
import { rowsOf } from './sql-rows'

const folder = z.strictObject({ room: roomName, folderId: rowKey })

export const makeFolder = defineAction({
  name: 'folder.make',
  version: 1,
  input: z.strictObject({ room: roomName, title: phrase }),
  audiences: ({ room }) => [room],
  async run({ db, input, id }) {
    await rowsOf(db).put('folders', { id: id(), audience: input.room, title: input.title })
  },
})

/** The moment in the body is that of the clock: a restamp changes it. Without a look the foreign key must say no. */
export const writeNote = defineAction({
  name: 'note.write',
  version: 1,
  input: folder.extend({ body: phrase, looksFirst: z.boolean() }),
  audiences: ({ room }) => [room],
  async run({ db, input, id, now }) {
    const rows = rowsOf(db)
    if (input.looksFirst) await folderIn(rows, input)
    const body = `${input.body} ${now.toISOString()}`
    await rows.put('notes', { id: id(), audience: input.room, folder_id: input.folderId, body })
  },
})

export const moveNote = defineAction({
  name: 'note.move',
  version: 1,
  input: folder.extend({ noteId: rowKey }),
  audiences: ({ room }) => [room],
  async run({ db, input }) {
    const rows = rowsOf(db)
    await folderIn(rows, input)
    const note = (await rows.get('notes', input.noteId)) ?? reject('no-note')
    if (note.folder_id === input.folderId) reject('there-already')
    await rows.put('notes', { ...note, folder_id: input.folderId })
  },
})

/** Its notes go by cascade. */
export const removeFolder = defineAction({
  name: 'folder.remove',
  version: 1,
  input: folder,
  audiences: ({ room }) => [room],
  async run({ db, input }) {
    if (!(await rowsOf(db).delete('folders', input.folderId))) reject('no-folder')
  },
})

/** Every other note is saved into a new folder, then the old one goes and takes the rest along. */
export const splitFolder = defineAction({
  name: 'folder.split',
  version: 1,
  input: folder,
  audiences: ({ room }) => [room],
  async run({ db, input, id }) {
    const rows = rowsOf(db)
    const old = await folderIn(rows, input)
    await rows.put('folders', { ...old, id: id('rest') })
    const notes = (await rows.list('notes', input.room)).filter((note) => note.folder_id === old.id)
    for (const [index, note] of notes.entries()) {
      if (index % 2 === 0) await rows.put('notes', { ...note, folder_id: id('rest') })
    }
    if (!(await rows.delete('folders', old.id))) reject('not-allowed')
  },
})

async function folderIn(rows: Rows, input: z.output<typeof folder>): Promise<Row> {
  return (await rows.get('folders', input.folderId)) ?? reject('no-folder')
}
