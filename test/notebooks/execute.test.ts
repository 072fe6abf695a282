import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { prepareNotebooks } from '../../src/notebook/jupyter.js'
import { requireComponent } from '../require.js'
import { executeNotebook, failuresOf, HAS_KERNEL, JUPYTER } from './execute.js'
import { cellsOf, NOTEBOOK_NAMES, NOTEBOOKS, visibleText } from './notebook-files.js'

const missing = JUPYTER === undefined ? 'jupyter' : 'notebooks/node_modules (npm ci in notebooks/)'

requireComponent(missing, JUPYTER !== undefined && HAS_KERNEL)('notebooks run as they are committed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-notebooks-'))
  beforeAll(() => void prepareNotebooks(folder))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  // Two kernels at once: most of a notebook's time is one core's.
  let running: Promise<unknown>[] = []
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const at = running.length
    const before = running[at - 2]
    const own = (before ?? Promise.resolve()).catch(() => undefined).then(work)
    running = [...running, own]
    return own
  }

  it.concurrent.each(NOTEBOOK_NAMES)('%s', async (name) => {
    const cells = await inTurn(() => executeNotebook(folder, name))
    expect(failuresOf(cells)).toEqual([])
    expect(visibleText(cells)).toEqual(visibleText(cellsOf(join(NOTEBOOKS, name))))
  }, 600_000) // prettier-ignore
})
