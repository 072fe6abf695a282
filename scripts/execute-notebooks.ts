/** Runs every notebook in a folder of its own and keeps its outputs in notebooks/: after a change that they show. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareNotebooks } from '../src/notebook/jupyter.js'
import { executeNotebook, failuresOf } from '../test/notebooks/execute.js'
import { NOTEBOOK_NAMES, NOTEBOOKS } from '../test/notebooks/notebook-files.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-notebooks-'))
try {
  prepareNotebooks(folder)
  const [only] = process.argv.slice(2)
  for (const name of NOTEBOOK_NAMES.filter((one) => only === undefined || one.startsWith(only))) {
    const failures = failuresOf(await executeNotebook(folder, name))
    if (failures.length > 0) throw new Error(`${name}: ${failures.join('\n')}`)
    copyFileSync(join(folder, 'executed', name), join(NOTEBOOKS, name))
    console.log(name)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
