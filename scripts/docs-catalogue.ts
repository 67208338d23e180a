/** `npm run docs:catalogue`: writes into docs/TESTING.md which failures and counter-examples are provoked where. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testingPath, withCatalogue } from '../tests/tidy/catalogue'
import { readTree } from '../tests/tidy/source'
import { root } from './steps'

writeFileSync(join(root, testingPath), withCatalogue(readTree(root)))
