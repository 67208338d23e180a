/**
 * One text for one JSON value: keys in one order, no white space. Device and server run an action on the value
 * parsed from this text, so that neither the wire nor a database column can change what the code sees (FM-66).
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Undefined is null; members that are undefined or functions are left out. Throws a TypeError for what JSON cannot carry. */
export function canonicalJson(value: unknown): string {
  const text = JSON.stringify(value ?? null) as string | undefined
  if (text === undefined) throw new TypeError(`JSON cannot carry a ${typeof value}.`)
  const plain: unknown = JSON.parse(text)
  return JSON.stringify(sorted(plain as Json))
}

function sorted(value: Json): Json {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(sorted)
  const members = value as { readonly [key: string]: Json }
  const keys = Object.keys(members).sort()
  return Object.fromEntries(keys.map((key) => [key, sorted(members[key] ?? null)]))
}

/** SHA-256 as 64 hexadecimal digits. */
export function hashText(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)))
}

/** What makes two offers the same action: name, version, input and author, not the clock (ING-2). */
export function bodyHash(body: { name: string; version: number; input: unknown; author: string }): string {
  return hashText(canonicalJson([body.name, body.version, body.input, body.author]))
}
