/** SQL that business rules are likely to use. Every statement is written so that one answer is right: ordered, without chance. */
import { documents } from './documents'
import type { Chapter, Statement } from './ground'
import { moments } from './moments'
import { numbers } from './numbers'
import { queries } from './queries'
import { texts } from './texts'
import { values } from './values'
import { writes } from './writes'

export const chapters: readonly Chapter[] = [texts, numbers, moments, documents, values, queries, writes]

export const asStatement = (each: string | Statement): Statement => (typeof each === 'string' ? { sql: each } : each)
