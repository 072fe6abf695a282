/** Runs the notebooks and keeps their outputs in notebooks/: all, or those whose name begins as the word that is given. */
import { join } from 'node:path'
import { executeNotebook, failuresOf } from '../test/notebooks/execute.js'
import { NOTEBOOK_NAMES, NOTEBOOKS } from '../test/notebooks/notebook-files.js'

const [only = ''] = process.argv.slice(2)
for (const name of NOTEBOOK_NAMES.filter((one) => one.startsWith(only))) {
  const failures = failuresOf(await executeNotebook(name, join(NOTEBOOKS, name)))
  for (const failure of failures) console.error(`${name}: ${failure}`)
  if (failures.length > 0) process.exitCode = 1
  else console.log(name)
}
