// Prints what the suite in the folder ARGV[2] knows about its tests, as JSON:
// id -> {kind, depends_on, group}.  Those for browsers alone are left out.

import { resolve } from 'path'
import { pathToFileURL } from 'url'

const folder = pathToFileURL(resolve(process.argv[2], 'tests') + '/').href
const groups = (await import(folder + 'index.mjs')).default
const surrogate = (await import(folder + 'surrogate-control.mjs')).default

const found = {}
for (const group of [...groups, surrogate]) {
  for (const test of group.tests) {
    if (test.browser_only) continue
    found[test.id] = {
      kind: test.kind || 'required',
      depends_on: test.depends_on || [],
      group: group.id
    }
  }
}
console.log(JSON.stringify(found))
