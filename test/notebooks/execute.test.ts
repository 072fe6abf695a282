import { join } from 'node:path'
import { expect, it } from 'vitest'
import { requireComponent } from '../require.js'
import { executeNotebook, failuresOf, HAS_KERNEL, JUPYTER } from './execute.js'
import { cellsOf, NOTEBOOK_NAMES, NOTEBOOKS, visibleText } from './notebook-files.js'

/** Kernels at once: most of a notebook's time is one core's. */
const AT_ONCE = 2
const missing = JUPYTER === undefined ? 'jupyter' : 'notebooks/node_modules (npm ci --ignore-scripts --prefix notebooks)' // prettier-ignore

requireComponent(missing, JUPYTER !== undefined && HAS_KERNEL)('notebooks run as they are committed', () => {
  const begun: Promise<unknown>[] = []
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const before = begun[begun.length - AT_ONCE] ?? Promise.resolve()
    const own = before.then(work, work)
    begun.push(own)
    return own
  }

  it.concurrent.each(NOTEBOOK_NAMES)('%s', async (name) => {
    const cells = await inTurn(() => executeNotebook(name))
    expect(failuresOf(cells)).toEqual([])
    expect(visibleText(cells)).toEqual(visibleText(cellsOf(join(NOTEBOOKS, name))))
  }, 900_000) // prettier-ignore
})
