import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CODE_ROOT, isBuiltFrom } from './code-hash.js'

let root: string | undefined

/**
 * The file by which the package's code is entered from outside this module graph, `index` or `jobs/trial-worker` say: as it was built; under a
 * test runner too, where `dist/` was built from these very sources. Else its TypeScript, hundreds of files that take seconds to read.
 */
export function entryFile(name: string): string {
  root ??= existsSync(join(CODE_ROOT, 'index.js')) ? CODE_ROOT : builtBeside(CODE_ROOT)
  return root === undefined ? join(CODE_ROOT, `${name}.ts`) : join(root, `${name}.js`)
}

function builtBeside(source: string): string | undefined {
  const built = join(source, '../dist')
  return isBuiltFrom(source, built) ? built : undefined
}
